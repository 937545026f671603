import Foundation
import PEFTAutograd
import PEFTTensor

/// Attention in double precision, one query of one head at a time.
struct AttentionTwin {
    let layout: AttentionLayout
    let scale: Double
    /// The bias of a sequence's scores, by the range of its queries and the head.
    var bias: (@Sendable (Range<Int>, Int) -> Tensor)?
    /// What each head's probabilities `[queries, longest key]` are multiplied by; nil without dropout.
    var multipliers: [Matrix]?

    private var d: Int { width / layout.heads }
    private let width: Int

    init(layout: AttentionLayout, width: Int, scale: Double) {
        (self.layout, self.width, self.scale) = (layout, width, scale)
    }

    func callAsFunction(_ q: Matrix, _ k: Matrix, _ v: Matrix) -> Matrix {
        var output = Matrix(q.rows, q.columns) { _, _ in 0 }
        for sequence in 0..<(layout.queryOffsets.count - 1) {
            let queries = layout.queryOffsets[sequence]..<layout.queryOffsets[sequence + 1]
            let keys = layout.keyOffsets[sequence]..<layout.keyOffsets[sequence + 1]
            for head in 0..<layout.heads {
                let group = head / (layout.heads / layout.keyValueHeads)
                let added = bias.map { Matrix($0(queries, head)) }
                for query in queries {
                    let position = keys.count - queries.count + query - queries.lowerBound
                    let visible = keys.filter { sees($0 - keys.lowerBound, from: position) }
                    let scores = visible.map { key in
                        let dot = (0..<d).reduce(0.0) { $0 + q[query, head * d + $1] * k[key, group * d + $1] }
                        return scale * dot + (added?[query - queries.lowerBound, key - keys.lowerBound] ?? 0)
                    }
                    let total = scores.reduce(0) { $0 + exp($1) }
                    for (key, score) in zip(visible, scores) {
                        let p = exp(score) / total * (multipliers?[head][query, key - keys.lowerBound] ?? 1)
                        for i in 0..<d {
                            output.elements[query * width + head * d + i] += p * v[key, group * d + i]
                        }
                    }
                }
            }
        }
        return output
    }

    private func sees(_ key: Int, from position: Int) -> Bool {
        switch layout.visibility {
        case .all: true
        case .causal: key <= position
        case .causalWindow(let width): key <= position && key > position - width
        }
    }

    /// The multipliers of a dropout, read off from attention itself: with equal scores and one-hot values the outputs are
    /// the probabilities.
    static func multipliers(_ dropout: Dropout, layout: AttentionLayout) -> [Matrix] {
        let (rows, keys) = (layout.queryOffsets.last ?? 0, layout.keyOffsets.last ?? 0)
        let d = zip(layout.keyOffsets, layout.keyOffsets.dropFirst()).map { $1 - $0 }.max() ?? 0
        let open = AttentionLayout(
            queryOffsets: layout.queryOffsets,
            keyOffsets: layout.keyOffsets,
            heads: layout.heads
        )
        var value = Tensor.zeros([keys, layout.heads * d])
        value.withUnsafeMutableFloats { values in
            for (start, end) in zip(layout.keyOffsets, layout.keyOffsets.dropFirst()) {
                for key in start..<end {
                    for head in 0..<layout.heads { values[(key * layout.heads + head) * d + key - start] = 1 }
                }
            }
        }
        let tape = Tape(pool: BufferPool(), isRecording: false)
        let dropped = tape.attention(
            query: Variable(.zeros([rows, layout.heads * d])),
            key: Variable(.zeros([keys, layout.heads * d])),
            value: Variable(value),
            layout: open,
            scale: 1,
            dropout: dropout
        )
        let kept = Matrix(dropped.value)
        return (0..<layout.heads).map { head in
            Matrix(rows, d) { kept[$0, head * d + $1] > 0 ? 1 / (1 - Double(dropout.rate)) : 0 }
        }
    }
}
