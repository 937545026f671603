import PEFTAutograd
import PEFTTensor

/// Causal self-attention, with rotary positions, fewer keys than queries, norms of heads or a window where a model has them.
struct SelfAttention: Sendable {
    /// Where queries, keys and values come from.
    enum Projections: Sendable {
        case separate(query: Linear, key: Linear, value: Linear)
        /// One map whose outputs are queries, keys and values, in this order.
        case fused(Linear)
    }

    /// The sub-layer it is in.
    let site: Site
    let projections: Projections
    /// Norms over each head's features; nil for none.
    let queryNorm: RMSNorm?
    let keyNorm: RMSNorm?
    let output: Linear
    /// nil for a model whose embeddings know the positions.
    let rotary: RotaryPositions?
    let heads: Int
    let keyValueHeads: Int
    let headDimension: Int
    /// How many of the nearest tokens a token sees, itself included; nil for all before it.
    let window: Int?
    let scale: Float
    let dropout: Float

    /// Some of the rows, and where they are among all.
    typealias Selection = (rows: TokenRows, indices: [Int32])

    /// What attention gives for all rows, or for the selected ones, over all rows.
    ///
    /// - Parameters:
    ///   - x: all rows, normalised.
    ///   - selection: the rows that are wanted; nil for all.
    func callAsFunction(
        _ x: Variable,
        rows: TokenRows,
        _ selection: Selection?,
        _ context: ForwardContext
    ) -> Variable {
        let tape = context.tape
        let queryRows = selection?.rows ?? rows
        var (query, key, value) = projected(x, rows: rows, selection, context)
        if let queryNorm { query = queryNorm(query, rows: queryRows, context) }
        if let keyNorm { key = keyNorm(key, rows: rows, context) }
        if let rotary {
            let table = rotary.table(for: rows.positions)
            query = tape.rotary(consume query, positions: queryRows.positions, table: table)
            key = tape.rotary(consume key, positions: rows.positions, table: table)
        }
        let (keys, values, layout) = seen(key, value, rows: rows, by: queryRows, context)
        let attended = tape.attention(
            query: query,
            key: keys,
            value: values,
            layout: layout,
            scale: scale,
            dropout: context.baseDropout(rate: dropout, purpose: output.module + ".attention", rows: queryRows)
        )
        return output(attended, rows: queryRows, context)
    }

    /// Queries of the selected rows, keys and values of all.
    private func projected(
        _ x: Variable,
        rows: TokenRows,
        _ selection: Selection?,
        _ context: ForwardContext
    ) -> (query: Variable, key: Variable, value: Variable) {
        let tape = context.tape
        switch projections {
        case .separate(let query, let key, let value):
            let input = selection.map { tape.rows($0.indices, of: x) } ?? x
            return (
                query(input, rows: selection?.rows ?? rows, context), key(x, rows: rows, context),
                value(x, rows: rows, context)
            )
        case .fused(let all):
            let y = all(x, rows: rows, context)
            let (queries, keys) = (heads * headDimension, keyValueHeads * headDimension)
            let query = tape.slice(columns: 0..<queries, of: y)
            return (
                selection.map { tape.rows($0.indices, of: query) } ?? query,
                tape.slice(columns: queries..<(queries + keys), of: y),
                tape.slice(columns: (queries + keys)..<(queries + 2 * keys), of: y)
            )
        }
    }

    /// The keys and values that the queries see: the adapter's virtual ones, those of a cache, and the new ones.
    private func seen(
        _ key: Variable,
        _ value: Variable,
        rows: TokenRows,
        by queryRows: TokenRows,
        _ context: ForwardContext
    ) -> (Variable, Variable, AttentionLayout) {
        let isFirstPass = context.cache?.isEmpty ?? true
        let (keys, values, offsets) =
            isFirstPass
            ? context.withVirtualOnes(key, value, rows: rows, at: site) : (key, value, offsets: rows.offsets)
        guard let cache = context.cache, let block = site.block else {
            return (keys, values, layout(queryRows.offsets, offsets, counts: nil))
        }
        let all = cache.append(keys.value, values.value, offsets: offsets, inBlock: block)
        return (
            Variable(all.keys), Variable(all.values), layout(queryRows.offsets, all.offsets, counts: all.counts)
        )
    }

    private func layout(_ queryOffsets: [Int], _ keyOffsets: [Int], counts: [Int]?) -> AttentionLayout {
        AttentionLayout(
            queryOffsets: queryOffsets,
            keyOffsets: keyOffsets,
            keyCounts: counts,
            heads: heads,
            keyValueHeads: keyValueHeads,
            visibility: window.map { .causalWindow($0) } ?? .causal
        )
    }

    /// The maps in front of attention, in the order of the forward pass.
    private var inputs: [Linear] {
        switch projections {
        case .separate(let query, let key, let value): [query, key, value]
        case .fused(let all): [all]
        }
    }

    private var norms: [RMSNorm] { [queryNorm, keyNorm].compactMap { $0 } }

    var sites: [SiteDescription] {
        inputs.map(\.description) + norms.map(\.description) + [output.description]
    }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        for linear in inputs { try linear.forEachParameter(body) }
        for norm in norms { try norm.forEachParameter(body) }
        try output.forEachParameter(body)
    }

    func replacing(_ tensors: [String: Tensor]) -> SelfAttention {
        SelfAttention(
            site: site,
            projections: projections.replacing(tensors),
            queryNorm: queryNorm?.replacing(tensors),
            keyNorm: keyNorm?.replacing(tensors),
            output: output.replacing(tensors),
            rotary: rotary,
            heads: heads,
            keyValueHeads: keyValueHeads,
            headDimension: headDimension,
            window: window,
            scale: scale,
            dropout: dropout
        )
    }
}

extension SelfAttention.Projections {
    fileprivate func replacing(_ tensors: [String: Tensor]) -> SelfAttention.Projections {
        switch self {
        case .separate(let query, let key, let value):
            .separate(
                query: query.replacing(tensors),
                key: key.replacing(tensors),
                value: value.replacing(tensors)
            )
        case .fused(let all): .fused(all.replacing(tensors))
        }
    }
}
