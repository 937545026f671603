/// Why a matrix could not be factorised.
package enum FactorizationError: Error, Equatable, CustomStringConvertible {
    /// An element that is no number or infinite.
    case notFinite(Factorization, Shape, row: Int, column: Int, Float)
    /// Finite elements so large that their norms are not.
    case overflow(Factorization, Shape)
    /// The iteration did not end.
    case noConvergence(Factorization, Shape)

    /// What is wrong and what was expected.
    package var description: String {
        switch self {
        case .notFinite(let factorization, let shape, let row, let column, let element):
            "the \(factorization.rawValue) of a \(shape) matrix needs finite numbers, "
                + "but row \(row), column \(column) is \(element)"
        case .overflow(let factorization, let shape):
            "the \(factorization.rawValue) of a \(shape) matrix exceeds the range of 32-bit floats; scale it down"
        case .noConvergence(let factorization, let shape):
            "the \(factorization.rawValue) of a \(shape) matrix did not converge"
        }
    }
}

/// The factorisations, by the names that errors use.
package enum Factorization: String, Sendable {
    case singularValues = "singular value decomposition"
    case orthogonalTriangular = "QR decomposition"
    case symmetricEigenvalues = "symmetric eigendecomposition"
}
