import PEFTAutograd
import PEFTTensor

/// Word, position and segment embeddings, their sum's norm and dropout.
struct BERTEmbeddings: Sendable {
    let word: Embedding
    let position: Embedding
    let type: Embedding
    let norm: LayerNorm
    let dropout: Float

    /// The rows that enter the first block, virtual tokens included, and which row of each sequence a pooler reads.
    func callAsFunction(_ batch: TokenBatch, _ context: ForwardContext) -> (Variable, TokenRows, pooled: [Int]) {
        guard let routes = context.routes?.filter({ !$0.sequences.isEmpty }) else { return embed(batch, context) }
        precondition(
            routes.last?.sequences.upperBound == batch.count,
            "routes for \(routes.last?.sequences.upperBound ?? 0) of \(batch.count) sequences"
        )
        let parts = routes.map { embed(batch.sequences($0.sequences), $0.context) }
        return (
            context.tape.concatenate(parts.map(\.0)), TokenRows.joining(parts.map(\.1)), parts.flatMap(\.pooled)
        )
    }

    /// The rows of sequences that share one adapter.
    private func embed(_ batch: TokenBatch, _ context: ForwardContext) -> (Variable, TokenRows, pooled: [Int]) {
        let tape = context.tape
        var rows = TokenRows(batch, firstPosition: context.adapter?.virtualPositions ?? 0)
        var types = batch.typeIDs
        var pooled = 0
        var words = [(indices: batch.ids, table: word.variable(context))]
        var sum: Variable?
        if let virtual = context.adapter?.virtualTokens(context) {
            let count = virtual.rows.shape[0]
            let embedded = context.addingNoise(
                to: with(word.delta(batch.ids, context), added: tape.sumOfRows(words), tape),
                purpose: word.module,
                rows: rows
            )
            sum = tape.prepend(virtual.rows, toRunsOf: embedded, offsets: rows.offsets)
            types = rows.prepended(types, with: 0, count: count)
            rows = rows.prepending(count)
            pooled = virtual.pooled ? 0 : count
            words = []
        }
        let tables = words + [(rows.positions, position.variable(context)), (types, type.variable(context))]
        var embedded = with(sum, added: tape.sumOfRows(tables), tape)
        if sum == nil {
            embedded = with(word.delta(batch.ids, context), added: embedded, tape)
            embedded = context.addingNoise(to: embedded, purpose: word.module, rows: rows)
        }
        embedded = with(position.delta(rows.positions, context), added: embedded, tape)
        embedded = with(type.delta(types, context), added: embedded, tape)
        let mask = context.baseDropout(rate: dropout, purpose: norm.module, rows: rows)
        let pooledRows = Array(repeating: pooled, count: batch.count)
        return (tape.dropout(norm(embedded, rows: rows, context), mask), rows, pooledRows)
    }

    private func with(_ term: Variable?, added sum: Variable, _ tape: Tape) -> Variable {
        term.map { tape.add(sum, $0) } ?? sum
    }

    var tables: [Embedding] { [word, position, type] }
}

extension TokenRows {
    /// Per-token values after `count` times `value` came in front of every sequence.
    fileprivate func prepended(_ values: [Int32], with value: Int32, count: Int) -> [Int32] {
        zip(offsets, offsets.dropFirst()).flatMap { start, end in
            Array(repeating: value, count: count) + values[start..<end]
        }
    }
}
