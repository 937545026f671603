package import PEFTTensor

extension Tape {
    /// o = dropout(softmax(scale · q kᵀ + bias)) v, per sequence and head (Vaswani et al. 2017).
    ///
    /// q and o `[queries, heads · d]`, k and v `[keys, keyValueHeads · d]`, sequences laid end to end. Saved: q, k, v and
    /// the log-sum of each query's scores, never a matrix of probabilities: the backward pass recomputes them one head at a
    /// time (Dao et al. 2022), so memory grows with the tokens and not with their square.
    ///
    /// - Parameter bias: an additive bias of the scores `[queries, keys]` per sequence and head, not trainable.
    package func attention(
        query: Variable,
        key: Variable,
        value: Variable,
        layout: AttentionLayout,
        scale: Float,
        bias: (@Sendable (_ sequence: Range<Int>, _ head: Int) -> Tensor)? = nil,
        dropout: Dropout? = nil
    ) -> Variable {
        let (q, k) = (query.shape, key.shape)
        precondition(
            layout.queryOffsets.last == q[0] && layout.keyOffsets.last == k[0] && k == value.shape
                && q[1] * layout.keyValueHeads == k[1] * layout.heads,
            "queries \(q), keys \(k) and values \(value.shape) are those of the layout"
        )
        let isTracked = query.isTracked || key.isTracked || value.isTracked
        precondition(layout.keyCounts == nil || !isTracked, "rows that are no keys have no gradient")
        let output = allocate(query.shape)
        let logSums = isTracked ? allocate([layout.heads, query.shape[0]]) : nil
        let kernel = AttentionKernel(
            query: query.value,
            key: key.value,
            value: value.value,
            logSums: logSums,
            layout: layout,
            scale: scale,
            bias: bias,
            dropout: dropout
        )
        kernel.forward(into: output, self)
        guard isTracked else { return Variable(output) }
        let targets = [query.target, key.target, value.target]
        return record(output, from: [query, key, value]) { gradient, tape in
            // Memory of its own for each role, since one variable may play two of them.
            let sums = targets.map { $0.isTracked ? tape.allocate($0.shape) : nil }
            let scratch = AttentionKernel.BackwardScratch(layout, tape)
            for head in layout.everyHead {
                kernel.backward(head, gradient, scratch, dq: sums[0], dk: sums[1], dv: sums[2])
            }
            for case (let sum?, let target) in zip(sums, targets) { tape.accumulate(sum, into: target) }
        }
    }
}
