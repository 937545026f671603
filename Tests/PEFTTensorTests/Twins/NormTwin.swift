/// Layer norm of dropout(x) + residual and its gradients in double precision, row by row.
struct NormTwin {
    let width: Int
    let gamma: [Double]
    let beta: [Double]
    let epsilon: Double

    struct Output {
        var y: [Double] = []
        var normalized: [Double] = []
        var inverseDeviation: [Double] = []
    }

    /// - Parameter h: dropout(x) + residual.
    func callAsFunction(_ h: [Double]) -> Output {
        var output = Output()
        for start in stride(from: 0, to: h.count, by: width) {
            let row = h[start..<start + width]
            let mean = row.reduce(0, +) / Double(width)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            let inverse = 1 / (variance + epsilon).squareRoot()
            let hats = row.map { ($0 - mean) * inverse }
            output.normalized += hats
            output.inverseDeviation.append(inverse)
            output.y += hats.enumerated().map { gamma[$0] * $1 + beta[$0] }
        }
        return output
    }

    /// ∂/∂h of Σ dy · y, from the definition: Σₖ ∂yₖ/∂hᵢ with ∂x̂ₖ/∂hᵢ = (δₖᵢ − 1/n − x̂ₖ x̂ᵢ / n) / σ.
    func gradient(_ dy: [Double], at output: Output) -> [Double] {
        var dh: [Double] = []
        for row in output.inverseDeviation.indices {
            let hats = output.normalized[row * width..<(row + 1) * width].map { $0 }
            let g = (0..<width).map { gamma[$0] * dy[row * width + $0] }
            for i in 0..<width {
                var total = 0.0
                for k in 0..<width {
                    total += g[k] * ((k == i ? 1 : 0) - 1 / Double(width) - hats[k] * hats[i] / Double(width))
                }
                dh.append(total * output.inverseDeviation[row])
            }
        }
        return dh
    }
}
