import PEFTAutograd
import PEFTTensor

/// What every decoder is made of, whatever its heads: embeddings, blocks and a last norm.
public struct DecoderStack: Sendable {
    let embeddings: DecoderEmbeddings
    let blocks: [DecoderBlock]
    let norm: Norm

    /// The state of every token after the last norm, `[tokens, width]`, without virtual tokens.
    func states(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        let hidden = throughBlocks(batch, selectsPooled: false, context)
        guard hidden.rows.count > batch.tokenCount else { return norm(hidden.states, rows: hidden.rows, context) }
        let (rows, indices) = hidden.rows.tokens(of: batch)
        return norm(context.tape.rows(indices, of: hidden.states), rows: rows, context)
    }

    /// The state of each sequence's last token after the last norm; the last block computes no other unless it has to.
    func lastStates(_ batch: TokenBatch, _ context: ForwardContext) -> (Variable, TokenRows) {
        let hidden = throughBlocks(batch, selectsPooled: !context.computesAllRows, context)
        guard hidden.rows.count > batch.count else {
            return (norm(hidden.states, rows: hidden.rows, context), hidden.rows)
        }
        let selection = hidden.rows.selecting(hidden.pooled)
        let states = context.tape.rows(selection.indices, of: hidden.states)
        return (norm(states, rows: selection.rows, context), selection.rows)
    }

    private func throughBlocks(_ batch: TokenBatch, selectsPooled: Bool, _ context: ForwardContext) -> HiddenRows {
        let hidden = context.throughBlocks(blocks.count, of: batch) { batch, context in
            embeddings(batch, context)
        } block: { index, hidden, context in
            // A query that is alone sees all keys, so that only the last one of its sequence may be.
            let selects = selectsPooled && index == blocks.count - 1 && hidden.poolsLastRows
            let wanted = selects ? hidden.pooled : nil
            let (x, rows) = blocks[index](hidden.states, rows: hidden.rows, wanted: wanted, context)
            return HiddenRows(states: x, rows: rows, pooled: hidden.pooled.map { selects ? 0 : $0 })
        }
        context.cache?.finishPass()
        return hidden
    }

    /// Its modules in the order of the forward pass.
    var sites: [SiteDescription] {
        embeddings.tables.map(\.description) + blocks.flatMap(\.sites) + [norm.description]
    }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        for table in embeddings.tables { try table.forEachParameter(body) }
        for block in blocks { try block.forEachParameter(body) }
        try norm.forEachParameter(body)
    }

    func replacing(_ tensors: [String: Tensor]) -> DecoderStack {
        DecoderStack(
            embeddings: embeddings.replacing(tensors),
            blocks: blocks.map { $0.replacing(tensors) },
            norm: norm.replacing(tensors)
        )
    }
}

extension HiddenRows {
    /// Whether the row that is read of each sequence is its last one.
    fileprivate var poolsLastRows: Bool {
        zip(pooled, zip(rows.offsets, rows.offsets.dropFirst())).allSatisfy { index, run in index == run.1 - run.0 - 1 }
    }
}
