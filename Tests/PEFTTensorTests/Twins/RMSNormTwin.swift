/// Root-mean-square norm and its gradients in double precision, row by row.
struct RMSNormTwin {
    let width: Int
    let gamma: [Double]
    let epsilon: Double

    /// 1/√(mean x² + ε) of each row.
    func inverses(_ x: [Double]) -> [Double] {
        stride(from: 0, to: x.count, by: width).map { start in
            let square = x[start..<start + width].reduce(0) { $0 + $1 * $1 } / Double(width)
            return 1 / (square + epsilon).squareRoot()
        }
    }

    func callAsFunction(_ x: [Double]) -> [Double] {
        let inverses = inverses(x)
        return x.indices.map { gamma[$0 % width] * x[$0] * inverses[$0 / width] }
    }

    /// ∂/∂x of Σ dy · y, from the definition: Σₖ dyₖ γₖ ∂x̂ₖ/∂xᵢ with ∂x̂ₖ/∂xᵢ = (δₖᵢ − x̂ₖ x̂ᵢ / n) / √(mean x² + ε).
    func gradient(_ dy: [Double], at x: [Double]) -> [Double] {
        let inverses = inverses(x)
        return x.indices.map { i in
            let (start, inverse) = (i / width * width, inverses[i / width])
            let total = (start..<start + width).reduce(0.0) { total, k in
                let shared = x[k] * x[i] * inverse * inverse / Double(width)
                return total + dy[k] * gamma[k - start] * ((k == i ? 1 : 0) - shared)
            }
            return total * inverse
        }
    }

    /// ∂/∂γ of the same.
    func scaleGradient(_ dy: [Double], at x: [Double]) -> [Double] {
        let inverses = inverses(x)
        return (0..<width).map { column in
            inverses.indices.reduce(0.0) { $0 + dy[$1 * width + column] * x[$1 * width + column] * inverses[$1] }
        }
    }
}
