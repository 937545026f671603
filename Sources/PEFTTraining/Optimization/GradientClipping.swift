import PEFTTensor

/// Keeps the norm of all gradients together below a bound.
enum GradientClipping {
    /// √ Σ ‖g‖² over all gradients.
    static func norm(_ gradients: [Tensor?]) -> Double {
        gradients.reduce(0) { $0 + ($1.map(Kernels.sumOfSquares) ?? 0) }.squareRoot()
    }

    /// Scales all gradients by min(1, maximum / (norm + 10⁻⁶)), as PyTorch does; returns the norm before.
    static func clip(_ gradients: inout [Tensor?], maximum: Double?) -> Double {
        let norm = norm(gradients)
        guard let maximum, maximum / (norm + 1e-6) < 1 else { return norm }
        let factor = Float(maximum / (norm + 1e-6))
        for index in gradients.indices {
            gradients[index]?.withUnsafeMutableFloats { values in
                for i in values.indices { values[i] *= factor }
            }
        }
        return norm
    }
}
