package import PEFTTensor

extension Tape {
    /// o = dropout(softmax(scale · q kᵀ + bias)) v, per sequence and head (Vaswani et al. 2017).
    ///
    /// q and o `[queries, heads · d]`, k and v `[keys, keyValueHeads · d]`, sequences laid end to end. Saved: q, k, v, o
    /// and the log-sum of each query's scores, never a matrix of probabilities: the backward pass recomputes them one
    /// head at a time (Dao et al. 2022), so memory grows with the tokens and not with their square.
    ///
    /// - Parameter bias: an additive bias of the scores `[queries, keys]` per sequence and head, not trainable.
    /// - Precondition: query, key and value are three different variables.
    package func attention(
        query: Variable,
        key: Variable,
        value: Variable,
        layout: AttentionLayout,
        scale: Float,
        bias: (@Sendable (_ sequence: Range<Int>, _ head: Int) -> Tensor)? = nil,
        dropout: Dropout? = nil
    ) -> Variable {
        let isTracked = query.isTracked || key.isTracked || value.isTracked
        let output = allocate(query.shape)
        let logSums = isTracked ? allocate([layout.heads, query.shape[0]]) : nil
        let kernel = AttentionKernel(
            query: query.value,
            key: key.value,
            value: value.value,
            output: output,
            logSums: logSums,
            layout: layout,
            scale: scale,
            bias: bias,
            dropout: dropout
        )
        let scratch = allocate([layout.longestQuery, layout.longestKey])
        layout.forEachHead { kernel.forward($0, scratch: scratch) }
        guard isTracked else { return Variable(output) }
        let targets = (query: query.target, key: key.target, value: value.target)
        return record(output, from: [query, key, value]) { gradient, tape in
            let scratch = AttentionKernel.BackwardScratch(layout, tape)
            tape.accumulateIfTracked(into: targets.query) { dq in
                tape.accumulateIfTracked(into: targets.key) { dk in
                    tape.accumulateIfTracked(into: targets.value) { dv in
                        layout.forEachHead { kernel.backward($0, gradient, scratch, dq: dq, dk: dk, dv: dv) }
                    }
                }
            }
        }
    }

    private func accumulateIfTracked(into target: GradientTarget, _ body: (AttentionKernel.Sum?) -> Void) {
        guard target.isTracked else { return body(nil) }
        accumulate(into: target) { body(AttentionKernel.Sum(gradient: $0, beta: $1)) }
    }
}
