internal import CBLAS

/// What every call of LAPACK has in common: the checks before and after it.
package enum LAPACK {
    /// Checks what LAPACK cannot: it would hang on an infinity or hand NaN back.
    ///
    /// - Throws: ``FactorizationError/notFinite(_:_:row:column:_:)`` for the first element that is not finite.
    /// - Precondition: a matrix of at least one row and column.
    static func require(_ matrix: Tensor, for factorization: Factorization) throws(FactorizationError) {
        let shape = matrix.shape
        precondition(shape.rank == 2 && shape.count > 0, "\(factorization.rawValue) of shape \(shape)")
        // LAPACK's integers have 32 bits.
        precondition(shape.count <= Int(Int32.max), "\(factorization.rawValue) of shape \(shape)")
        let bad = matrix.withUnsafeFloats { elements in
            elements.firstIndex { !$0.isFinite }.map { (index: $0, element: elements[$0]) }
        }
        guard let (index, element) = bad else { return }
        throw .notFinite(factorization, shape, row: index / shape[1], column: index % shape[1], element)
    }

    /// Runs a routine on the calling thread only, like ``multiply(_:_:into:alpha:beta:)``, and checks what it returns.
    static func run(
        _ factorization: Factorization,
        of shape: Shape,
        _ routine: () -> Int32
    ) throws(FactorizationError) {
        _ = singleThreaded
        try check(Int(routine()), factorization, of: shape)
    }

    /// LAPACK's `info`: 0 for success, positive when an iteration did not end.
    ///
    /// - Throws: ``FactorizationError/noConvergence(_:_:)``
    package static func check(
        _ info: Int,
        _ factorization: Factorization,
        of shape: Shape
    ) throws(FactorizationError) {
        if info > 0 { throw .noConvergence(factorization, shape) }
        // LAPACKE_WORK_MEMORY_ERROR and LAPACKE_TRANSPOSE_MEMORY_ERROR, as a buffer pool without memory.
        if info == -1010 || info == -1011 { fatalError("out of memory: \(factorization.rawValue) of \(shape)") }
        precondition(info == 0, "argument \(-info) of the \(factorization.rawValue) of \(shape) is wrong")
    }
}
