import PEFTAutograd
import PEFTTensor

/// One block of a decoder: attention and feed-forward, each behind its norm and beside its residual.
struct DecoderBlock: Sendable {
    let attention: SelfAttention
    let attentionSublayer: PreNormSublayer
    let feedForward: FeedForward
    let feedForwardSublayer: PreNormSublayer

    /// The rows that come out of the block.
    ///
    /// - Parameters:
    ///   - x: all rows `[tokens, width]`.
    ///   - wanted: for each sequence the index in it of the one row that anybody reads, or nil for all rows. Only these
    ///     rows then get an attention output and a feed-forward; keys and values need all rows.
    func callAsFunction(
        _ x: Variable,
        rows: TokenRows,
        wanted: [Int]? = nil,
        _ context: ForwardContext
    ) -> (Variable, TokenRows) {
        let selection = wanted.map(rows.selecting)
        let outputRows = selection?.rows ?? rows
        let output = context.recomputing { context in
            let normalized = attentionSublayer.norm(x, rows: rows, context)
            let attended = attention(normalized, rows: rows, selection, context)
            let input = selection.map { context.tape.rows($0.indices, of: x) } ?? x
            let middle = attentionSublayer(attended, input: input, rows: outputRows, context)
            let inner = feedForwardSublayer.norm(middle, rows: outputRows, context)
            let output = feedForward(inner, rows: outputRows, context)
            return feedForwardSublayer(output, input: middle, rows: outputRows, context)
        }
        return (output, outputRows)
    }

    /// Its modules in the order of the forward pass.
    var sites: [SiteDescription] {
        [attentionSublayer.norm.description] + attention.sites + [feedForwardSublayer.norm.description]
            + feedForward.linears.map(\.description)
    }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try attentionSublayer.norm.forEachParameter(body)
        try attention.forEachParameter(body)
        try feedForwardSublayer.norm.forEachParameter(body)
        for linear in feedForward.linears { try linear.forEachParameter(body) }
    }

    func replacing(_ tensors: [String: Tensor]) -> DecoderBlock {
        DecoderBlock(
            attention: attention.replacing(tensors),
            attentionSublayer: attentionSublayer.replacing(tensors),
            feedForward: feedForward.replacing(tensors),
            feedForwardSublayer: feedForwardSublayer.replacing(tensors)
        )
    }
}
