import PEFTAutograd
import PEFTModels
import PEFTTensor

/// (m / n) ⊙ (W x + s · B A x), the product of a ``DoRA``.
struct DoRAProduct: LinearProduct {
    /// s · B A dropout(x).
    let delta: LowRankDelta
    /// m.
    let magnitude: Parameter
    /// n.
    let norms: RowNormCache

    /// With dropout: W (x − x̃) + (m / n) ⊙ (W x̃ + s · B A x̃) for x̃ = dropout(x).
    func product(_ x: Variable, weight: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        let tape = context.tape
        let ratio = tape.quotient(
            context.variable(magnitude),
            by: RowNorms.divisors(norms.norms(of: weight.value, delta))
        )
        // The mask is taken here, since it is the base's product that is dropped out, too.
        let undropped = LowRankDelta(down: delta.down, up: delta.up, scale: delta.scale, isTrained: delta.isTrained)
        let term = undropped.term(rows: rows, context)
        guard let mask = context.dropout(rate: delta.dropout, purpose: delta.down.path, rows: rows) else {
            return tape.scaleColumns(tape.linear(x, weight: weight, lowRank: [term]), by: ratio)
        }
        let dropped = tape.dropout(x, mask)
        let adapted = tape.scaleColumns(tape.linear(dropped, weight: weight, lowRank: [term]), by: ratio)
        return tape.add(tape.linear(tape.add(x, dropped, scaledBy: -1), weight: weight), adapted)
    }

    /// (m / n) ⊙ (W + s · B A)
    func merged(into weight: Tensor) -> Tensor? {
        guard var merged = delta.merged(into: weight) else { return nil }
        let divisors = RowNorms.divisors(norms.norms(of: weight, delta)).elements
        let ratios = zip(magnitude.value.elements, divisors).map { $0 / $1 }
        let width = weight.shape[1]
        merged.withUnsafeMutableFloats { values in
            for (row, ratio) in ratios.enumerated() {
                for index in (row * width)..<((row + 1) * width) { values[index] *= ratio }
            }
        }
        return merged
    }
}
