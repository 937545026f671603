import CKernels
import Foundation

/// Softmax of visible scores with dropout, and its gradient, in double precision and one element at a time.
struct SoftmaxTwin {
    let rows: Int
    let columns: Int
    var scale: Float = 1
    var bias: [Float]?
    var visibility: PEFTVisibility?
    var dropout: DropoutTwin?

    func sees(row: Int, column: Int) -> Bool {
        guard let visibility else { return true }
        return column >= visibility.first + row * visibility.firstSlope
            && column < visibility.last + row * visibility.lastSlope
    }

    /// scale · s + bias, −∞ where nothing is visible.
    func logits(_ scores: [Float]) -> [Double] {
        (0..<rows * columns).map { at in
            guard sees(row: at / columns, column: at % columns) else { return -.infinity }
            return Double(scores[at]) * Double(scale) + (bias.map { Double($0[at]) } ?? 0)
        }
    }

    /// log Σ exp of the visible logits in each row, 0 where there are none.
    func logSums(_ scores: [Float]) -> [Double] {
        let logits = logits(scores)
        return (0..<rows).map { row in
            let visible = (0..<columns).filter { sees(row: row, column: $0) }.map { logits[row * columns + $0] }
            guard let peak = visible.max() else { return 0 }
            return peak + log(visible.reduce(0) { $0 + exp($1 - peak) })
        }
    }

    /// Softmax before dropout; 0 where nothing is visible.
    func probabilities(_ scores: [Float]) -> [Double] {
        let (logits, sums) = (logits(scores), logSums(scores))
        return logits.indices.map { at in
            sees(row: at / columns, column: at % columns) ? exp(logits[at] - sums[at / columns]) : 0
        }
    }

    /// Softmax after dropout.
    func callAsFunction(_ scores: [Float]) -> [Double] {
        zip(probabilities(scores), dropout.multipliers(rows: rows, width: columns)).map { $0 * $1 }
    }

    /// ∂/∂scores of Σ dp · dropout(softmax(scores)), by the Jacobian ∂pₖ/∂vᵢ = pₖ (δₖᵢ − pᵢ).
    func gradient(_ dp: [Float], _ scores: [Float]) -> [Double] {
        let (p, multipliers) = (probabilities(scores), dropout.multipliers(rows: rows, width: columns))
        return p.indices.map { i in
            let row = i / columns * columns
            let total = (row..<row + columns).reduce(0.0) { total, k in
                // What is not visible has p = 0 and must not count, whatever stands in dp.
                p[k] == 0 ? total : total + Double(dp[k]) * multipliers[k] * p[k] * ((k == i ? 1 : 0) - p[i])
            }
            return total * Double(scale)
        }
    }

    /// What the kernels are told.
    var kernelVisibility: PEFTVisibility {
        visibility ?? PEFTVisibility(first: 0, firstSlope: 0, last: columns, lastSlope: 0)
    }
}
