import PEFTTensor

/// Keeps the norm of all gradients together below a bound.
enum GradientClipping {
    /// √ Σ ‖g‖² over all gradients.
    static func norm(_ gradients: [Tensor?], on workers: WorkerPool) async throws -> Double {
        let present = gradients.compactMap { $0 }
        let squares = try await workers.forEachPiece(of: present.map(\.count)) { index, range in
            Kernels.sumOfSquares(present[index], range)
        }
        return squares.reduce(0, +).squareRoot()
    }

    /// Scales all gradients by min(1, maximum / (norm + 10⁻⁶)), as PyTorch does; returns the norm before.
    static func clip(_ gradients: inout [Tensor?], maximum: Double?, on workers: WorkerPool) async throws -> Double {
        let norm = try await norm(gradients, on: workers)
        guard let maximum, maximum / (norm + 1e-6) < 1 else { return norm }
        let factor = Float(maximum / (norm + 1e-6))
        for index in gradients.indices { gradients[index].makeUniquelyOwned() }
        let present = gradients.compactMap { $0 }
        _ = try await workers.forEachPiece(of: present.map(\.count)) { index, range in
            Kernels.scale(present[index], range, by: factor)
        }
        return norm
    }
}

extension Tensor? {
    /// Gives the tensor memory of its own, unless nobody else looks at it anyway.
    mutating func makeUniquelyOwned() {
        self = take()?.uniquelyOwned(pool: .shared)
    }
}
