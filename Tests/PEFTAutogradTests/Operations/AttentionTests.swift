import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Attention")
struct AttentionTests {
    private let d = 4

    /// Attention over q, k and v of the layout, against its twin.
    private func check(
        _ layout: AttentionLayout,
        scale: Float = 0.6,
        bias: (@Sendable (Range<Int>, Int) -> Tensor)? = nil,
        dropout: Dropout? = nil
    ) -> OperationCheck {
        let (queries, keys) = (layout.queryOffsets.last ?? 0, layout.keyOffsets.last ?? 0)
        let shapes: [(name: String, shape: Shape)] = [
            ("query", [queries, layout.heads * d]),
            ("key", [keys, layout.keyValueHeads * d]),
            ("value", [keys, layout.keyValueHeads * d]),
        ]
        var twin = AttentionTwin(layout: layout, width: layout.heads * d, scale: Double(scale))
        twin.bias = bias
        twin.multipliers = dropout.map { AttentionTwin.multipliers($0, layout: layout) }
        return OperationCheck(shapes, tolerance: 5e-6) { tape, variables in
            tape.attention(
                query: variables[0],
                key: variables[1],
                value: variables[2],
                layout: layout,
                scale: scale,
                bias: bias,
                dropout: dropout
            )
        } twin: { [twin] values in
            twin(values[0], values[1], values[2])
        }
    }

    /// Self-attention: as many keys as queries.
    private func layout(
        _ offsets: [Int],
        heads: Int = 2,
        keyValueHeads: Int? = nil,
        _ visibility: AttentionVisibility = .all
    ) -> AttentionLayout {
        AttentionLayout(
            queryOffsets: offsets,
            keyOffsets: offsets,
            heads: heads,
            keyValueHeads: keyValueHeads,
            visibility: visibility
        )
    }

    private static let bias: @Sendable (Range<Int>, Int) -> Tensor = { queries, head in
        // Square biases for self-attention; another one for each sequence and head.
        sample([queries.count, queries.count], "bias \(queries.lowerBound) \(head)")
    }

    @Test("sequences of different lengths don't see each other")
    func unevenSequences() {
        check(layout([0, 3, 4, 9])).verify()
        check(layout([0, 5], heads: 1)).verify()
    }

    @Test("empty sequences are nothing")
    func emptySequences() {
        check(layout([0, 0, 3, 3, 5, 5])).verify()
        check(layout([0, 0])).verify()
    }

    @Test("one query per sequence reads all of its keys")
    func oneQuery() {
        check(AttentionLayout(queryOffsets: [0, 1, 2, 3], keyOffsets: [0, 7, 8, 12], heads: 2)).verify()
    }

    @Test("more queries than keys, as in cross-attention")
    func moreQueries() {
        check(AttentionLayout(queryOffsets: [0, 4, 9], keyOffsets: [0, 2, 3], heads: 2)).verify()
    }

    @Test("keys that no query reads get a gradient of zero, not what lay in memory")
    func keysWithoutQueries() {
        check(AttentionLayout(queryOffsets: [0, 2, 2, 3], keyOffsets: [0, 3, 6, 8], heads: 2)).verify()
    }

    @Test("queries without keys read nothing: zeros, and no gradient")
    func queriesWithoutKeys() {
        check(AttentionLayout(queryOffsets: [0, 2, 4], keyOffsets: [0, 0, 3], heads: 2)).verify()
    }

    @Test("several query heads share a key-value head", arguments: [1, 2])
    func groups(keyValueHeads: Int) {
        check(layout([0, 3, 7], heads: 4, keyValueHeads: keyValueHeads)).verify()
        check(layout([0, 3, 7], heads: 4, keyValueHeads: keyValueHeads, .causal)).verify()
    }

    @Test("causal: a query sees the keys up to its own position")
    func causal() {
        check(layout([0, 1, 6, 8], .causal)).verify()
        // The last query sits at the last key: these queries come after two and three keys.
        check(
            AttentionLayout(queryOffsets: [0, 2, 3], keyOffsets: [0, 4, 8], heads: 2, visibility: .causal)
        ).verify()
        // More queries than keys: the first ones see nothing.
        check(AttentionLayout(queryOffsets: [0, 4], keyOffsets: [0, 2], heads: 2, visibility: .causal)).verify()
    }

    @Test("a window: only the nearest of those", arguments: [1, 2, 100])
    func window(width: Int) {
        check(layout([0, 1, 6, 8], .causalWindow(width))).verify()
        check(
            AttentionLayout(queryOffsets: [0, 2], keyOffsets: [0, 7], heads: 2, visibility: .causalWindow(width))
        ).verify()
    }

    @Test("a bias is added to the scores of its sequence and head")
    func bias() {
        check(layout([0, 3, 4, 9]), bias: Self.bias).verify()
        check(layout([0, 3, 7], heads: 4, keyValueHeads: 2, .causal), bias: Self.bias).verify()
    }

    @Test("dropout falls on the probabilities, with another mask in each head")
    func dropout() {
        let layout = layout([0, 3, 4, 9])
        let dropout = sampleDropout(rate: 0.4, rows: 9)
        let masks = AttentionTwin.multipliers(dropout, layout: layout)
        #expect(masks[0].elements != masks[1].elements)
        check(layout, dropout: dropout).verify()
    }

    @Test("a team of threads gives the same but for rounding, and whatever their number the same bits")
    func team() {
        let layout = AttentionLayout(
            queryOffsets: [0, 1, 1, 7],
            keyOffsets: [0, 9, 9, 15],
            heads: 6,
            keyValueHeads: 2,
            visibility: .causal
        )
        func attended(_ team: ThreadTeam?) -> [Float] {
            let tape = Tape(pool: .shared, isRecording: false, team: team)
            let query = Variable(sample([7, 6 * d], "q"))
            let key = Variable(sample([15, 2 * d], "k"))
            let value = Variable(sample([15, 2 * d], "v"))
            return tape.attention(query: query, key: key, value: value, layout: layout, scale: 0.5).value.elements
        }
        let teams = [1, 2, 5].map(ThreadTeam.init)
        defer { for team in teams { team.close() } }
        let shared = teams.map(attended)
        #expect(shared[1] == shared[0] && shared[2] == shared[0])
        for (found, alone) in zip(shared[0], attended(nil)) { #expect(abs(found - alone) <= 1e-6) }
    }

    @Test("everything at once")
    func everything() {
        check(
            layout([0, 4, 4, 9], heads: 4, keyValueHeads: 2, .causalWindow(3)),
            scale: 1.1,
            bias: Self.bias,
            dropout: sampleDropout(rate: 0.3, rows: 9)
        ).verify()
    }

    @Test("one variable may be query, key and value")
    func sharedVariable() {
        let layout = layout([0, 3, 7])
        let twin = AttentionTwin(layout: layout, width: 2 * d, scale: 0.5)
        OperationCheck([("x", [7, 2 * d])], tolerance: 5e-6) { tape, variables in
            let x = variables[0]
            return tape.attention(query: x, key: x, value: x, layout: layout, scale: 0.5)
        } twin: { values in
            twin(values[0], values[0], values[0])
        }.verify()
        OperationCheck([("x", [7, 2 * d]), ("value", [7, 2 * d])], tolerance: 5e-6) { tape, variables in
            tape.attention(query: variables[0], key: variables[0], value: variables[1], layout: layout, scale: 0.5)
        } twin: { values in
            twin(values[0], values[0], values[1])
        }.verify()
    }

    @Test("a sequence's output does not depend on what else is in the batch")
    func batchIndependence() {
        let dropout = sampleDropout(rate: 0.3, rows: 9)
        let (q, k, v) = (sample([9, 8], "query"), sample([9, 8], "key"), sample([9, 8], "value"))
        func attend(_ offsets: [Int], _ range: Range<Int>) -> [Float] {
            Tape(pool: BufferPool(), isRecording: false).attention(
                query: Variable(q.rows(range)),
                key: Variable(k.rows(range)),
                value: Variable(v.rows(range)),
                layout: layout(offsets),
                scale: 0.7,
                dropout: dropout.selecting(rows: range.map(Int32.init))
            ).value.elements
        }
        let together = attend([0, 4, 9], 0..<9)
        #expect(together == attend([0, 4], 0..<4) + attend([0, 5], 4..<9))
    }
}
