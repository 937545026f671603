import PEFTAutograd

extension ForwardContext {
    /// Takes a batch through a stack of blocks.
    ///
    /// Every model runs its blocks through here, so that what no step of a run changes can be remembered: the blocks below
    /// the lowest adapter, when nothing is random in them.
    ///
    /// - Parameters:
    ///   - count: the number of blocks.
    ///   - embed: what enters the first block.
    ///   - block: what leaves the block of the given number, counted from 0.
    public func throughBlocks(
        _ count: Int,
        of batch: TokenBatch,
        embed: (TokenBatch, ForwardContext) -> HiddenRows,
        block: (Int, HiddenRows, ForwardContext) -> HiddenRows
    ) -> HiddenRows {
        switch frozenBlocks {
        case nil:
            return (0..<count).reduce(embed(batch, self)) { block($1, $0, self) }
        case .sought(let search):
            var hidden = embed(batch, self)
            for index in 0..<count {
                hidden = block(index, hidden, self)
                search.passed(blocks: index + 1, of: count, hidden.states)
            }
            return hidden
        case .remembered(let memory):
            let hidden = recall(batch, from: memory) { text in
                (0..<memory.blocks).reduce(embed(text, self)) { block($1, $0, self) }
            }
            return (memory.blocks..<count).reduce(hidden) { block($1, $0, self) }
        }
    }

    /// What leaves the frozen blocks, from memory where it is remembered.
    ///
    /// A text that is not is computed by itself: products of other sizes round otherwise, and so what is remembered is a
    /// function of the text and not of the texts beside it. A run that is resumed, and remembers in another order, takes
    /// the same steps.
    private func recall(
        _ batch: TokenBatch,
        from memory: RememberedStates,
        compute: (TokenBatch) -> HiddenRows
    ) -> HiddenRows {
        let texts = (0..<batch.count).map { index in
            let text = batch.sequences(index..<(index + 1))
            let key = RememberedStates.Key(text)
            return memory.states(of: key) ?? memory.remember(RememberedStates.Text(compute(text)), as: key)
        }
        let offsets = texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.positions.count) }
        return HiddenRows(
            states: tape.concatenate(texts.map { Variable($0.states) }),
            rows: TokenRows(offsets: offsets, examples: batch.examples, positions: texts.flatMap(\.positions)),
            pooled: texts.map(\.pooled)
        )
    }
}
