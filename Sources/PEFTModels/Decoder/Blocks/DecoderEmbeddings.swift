import PEFTAutograd
import PEFTTensor

/// Word embeddings, those of positions where a model has them, and dropout.
struct DecoderEmbeddings: Sendable {
    let word: Embedding
    /// nil for a model whose attention knows the positions.
    let position: Embedding?
    let dropout: Float
    /// The token that a batch is filled up with in Python; a classifier reads the last token that is another one.
    let paddingToken: Int32?

    /// The rows that enter the first block, virtual tokens included, and which row of each sequence a classifier reads.
    ///
    /// A text starts behind what a cache holds, or behind the adapter's virtual keys and values; virtual tokens come before
    /// it, and only once.
    func callAsFunction(_ batch: TokenBatch, _ context: ForwardContext) -> HiddenRows {
        let read = context.cache.flatMap { $0.isEmpty ? nil : $0.lengths }
        precondition(context.cache.map { $0.sequences == batch.count } ?? true, "a cache is for as many sequences")
        guard let routes = context.routes?.filter({ !$0.sequences.isEmpty }) else {
            return embed(batch, read: read, context)
        }
        precondition(
            routes.last?.sequences.upperBound == batch.count,
            "routes for \(routes.last?.sequences.upperBound ?? 0) of \(batch.count) sequences"
        )
        let parts = routes.map { route in
            embed(batch.sequences(route.sequences), read: read.map { Array($0[route.sequences]) }, route.context)
        }
        return HiddenRows(
            states: context.tape.concatenate(parts.map(\.states)),
            rows: TokenRows.joining(parts.map(\.rows)),
            pooled: parts.flatMap(\.pooled)
        )
    }

    /// The rows of sequences that share one adapter.
    ///
    /// - Parameter read: how much of each sequence is behind; nil for nothing of any.
    private func embed(_ batch: TokenBatch, read: [Int]?, _ context: ForwardContext) -> HiddenRows {
        let tape = context.tape
        let first = Array(repeating: context.adapter?.virtualPositions ?? 0, count: batch.count)
        var rows = TokenRows(batch, firstPositions: read ?? first)
        var embedded = tape.rows(batch.ids, of: word.variable(context))
        if let delta = word.delta(batch.ids, context) { embedded = tape.add(embedded, delta) }
        embedded = context.addingNoise(to: embedded, purpose: word.module, rows: rows)
        var virtualTokens = 0
        if read == nil, let virtual = context.adapter?.virtualTokens(context) {
            virtualTokens = virtual.rows.shape[0]
            embedded = tape.prepend(virtual.rows, toRunsOf: embedded, offsets: rows.offsets)
            rows = rows.prepending(virtualTokens)
        }
        if let position {
            embedded = tape.add(embedded, tape.rows(rows.positions, of: position.variable(context)))
            if let delta = position.delta(rows.positions, context) { embedded = tape.add(embedded, delta) }
        }
        let mask = context.baseDropout(rate: dropout, purpose: word.module, rows: rows)
        return HiddenRows(
            states: tape.dropout(embedded, mask),
            rows: rows,
            pooled: lastTokens(of: batch).map { virtualTokens + $0 }
        )
    }

    /// The index of each sequence's last token that is no padding, 0 if there is none: what `transformers` takes.
    private func lastTokens(of batch: TokenBatch) -> [Int] {
        zip(batch.offsets, batch.offsets.dropFirst()).map { start, end in
            (batch.ids[start..<end].lastIndex { $0 != paddingToken } ?? start) - start
        }
    }

    var tables: [Embedding] { [word] + (position.map { [$0] } ?? []) }

    func replacing(_ tensors: [String: Tensor]) -> DecoderEmbeddings {
        DecoderEmbeddings(
            word: word.replacing(tensors),
            position: position?.replacing(tensors),
            dropout: dropout,
            paddingToken: paddingToken
        )
    }
}
