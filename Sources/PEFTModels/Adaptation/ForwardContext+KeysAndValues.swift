public import PEFTAutograd
import PEFTTensor

extension ForwardContext {
    /// o = softmax(q kᵀ / √d) v for every sequence and head, with the adapter's virtual keys and values in front of every
    /// sequence's own (Vaswani et al. 2017): the attention of a model of your own that reads in both directions.
    ///
    /// No matrix of probabilities is kept for the backward pass.
    ///
    /// - Parameters:
    ///   - query: q `[tokens, heads · d]`.
    ///   - key: k, of the same shape.
    ///   - value: v, of the same shape.
    ///   - rows: which tokens the rows are.
    ///   - heads: the number of heads.
    ///   - site: the attention it is, of the role ``Site/Role/attentionSublayer``.
    /// - Returns: o `[tokens, heads · d]`.
    public func selfAttention(
        query: Variable,
        key: Variable,
        value: Variable,
        rows: TokenRows,
        heads: Int,
        at site: Site
    ) -> Variable {
        attention(query: query, rows, key: key, value: value, over: rows, heads: heads, at: site)
    }

    /// Attention of some rows over all rows, with the adapter's virtual keys and values in front.
    func attention(
        query: Variable,
        _ rows: TokenRows,
        key: Variable,
        value: Variable,
        over allRows: TokenRows,
        heads: Int,
        dropout: Dropout? = nil,
        at site: Site
    ) -> Variable {
        let (keys, values, keyOffsets) = withVirtualOnes(key, value, rows: allRows, at: site)
        return tape.attention(
            query: query,
            key: keys,
            value: values,
            layout: AttentionLayout(queryOffsets: rows.offsets, keyOffsets: keyOffsets, heads: heads),
            scale: 1 / Float(query.shape[1] / heads).squareRoot(),
            dropout: dropout
        )
    }

    /// Keys and values with the adapter's virtual ones in front of every sequence's own, and their offsets.
    ///
    /// - Parameters:
    ///   - rows: which tokens the rows of both are.
    ///   - site: the attention they are for.
    func withVirtualOnes(
        _ keys: Variable,
        _ values: Variable,
        rows: TokenRows,
        at site: Site
    ) -> (Variable, Variable, offsets: [Int]) {
        guard let parts = routeRows(rows) else {
            guard let virtual = adapter?.virtualKeysAndValues(at: site, self) else {
                return (keys, values, rows.offsets)
            }
            let count = virtual.keys.shape[0]
            return (
                tape.prepend(virtual.keys, toRunsOf: keys, offsets: rows.offsets),
                tape.prepend(virtual.values, toRunsOf: values, offsets: rows.offsets),
                rows.offsets.enumerated().map { $1 + $0 * count }
            )
        }
        let all = parts.map { part in
            part.context.withVirtualOnes(
                tape.slice(part.range, of: keys),
                tape.slice(part.range, of: values),
                rows: part.rows,
                at: site
            )
        }
        var offsets = [0]
        for part in all { offsets += part.offsets.dropFirst().map { [end = offsets[offsets.count - 1]] in $0 + end } }
        return (tape.concatenate(all.map(\.0)), tape.concatenate(all.map(\.1)), offsets)
    }
}
