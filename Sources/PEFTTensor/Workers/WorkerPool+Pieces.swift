extension WorkerPool {
    /// Below so many elements altogether, waking workers takes longer than they save.
    private static let worthSharing = 1 << 19
    private static let piece = 1 << 18

    /// Calls `body` for pieces of several vectors, on all workers when there is enough to do.
    ///
    /// - Parameters:
    ///   - counts: the elements of each vector.
    ///   - body: receives the vector's index and a range of its elements.
    /// - Returns: the results in the order of vectors and ranges, which depend on `counts` alone.
    /// - Throws: `CancellationError`.
    package func forEachPiece<Result: Sendable>(
        of counts: [Int],
        _ body: @escaping @Sendable (_ vector: Int, _ range: Range<Int>) -> Result
    ) async throws -> [Result] {
        let pieces = counts.enumerated().flatMap { index, count in
            stride(from: 0, to: count, by: Self.piece).map { start in
                (vector: index, range: start..<min(start + Self.piece, count))
            }
        }
        guard counts.reduce(0, +) >= Self.worthSharing else { return pieces.map { body($0.vector, $0.range) } }
        return try await map(pieces) { piece, _ in body(piece.vector, piece.range) }
    }
}
