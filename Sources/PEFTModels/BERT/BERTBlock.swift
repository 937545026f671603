import PEFTAutograd
import PEFTTensor

/// One block of BERT: self-attention and feed-forward, each followed by residual and norm (Devlin et al. 2019).
struct BERTBlock: Sendable {
    let query: Linear
    let key: Linear
    let value: Linear
    let attentionOutput: Linear
    let attentionSublayer: Sublayer
    let feedForwardUp: Linear
    let feedForwardDown: Linear
    let feedForwardSublayer: Sublayer
    let activation: Activation
    let heads: Int
    let attentionDropout: Float

    /// The rows that come out of the block.
    ///
    /// - Parameters:
    ///   - x: all rows `[tokens, width]`.
    ///   - wanted: for each sequence the index in it of the one row that anybody reads, or nil for all rows. Only these
    ///     rows then get a query, an attention output and a feed-forward; keys and values need all rows.
    func callAsFunction(
        _ x: Variable,
        rows: TokenRows,
        wanted: [Int]? = nil,
        _ context: ForwardContext
    ) -> (Variable, TokenRows) {
        let selection = wanted.map(rows.selecting)
        let outputRows = selection?.rows ?? rows
        let output = context.recomputing { context in
            let input = selection.map { context.tape.rows($0.indices, of: x) } ?? x
            return outputs(for: input, outputRows, of: x, rows, context)
        }
        return (output, outputRows)
    }

    /// The block's output for `input`, which is all rows of x or some of them.
    private func outputs(
        for input: Variable,
        _ inputRows: TokenRows,
        of x: Variable,
        _ rows: TokenRows,
        _ context: ForwardContext
    ) -> Variable {
        let attended = attention(input, inputRows, over: x, rows, context)
        let middle = attentionSublayer(attended, input: input, rows: inputRows, context)
        let inner = feedForwardUp(middle, rows: inputRows, activation: activation, context)
        let output = feedForwardDown(inner, rows: inputRows, context)
        return feedForwardSublayer(output, input: middle, rows: inputRows, context)
    }

    /// Attention of the rows of x over all rows, with the adapter's virtual keys and values in front.
    private func attention(
        _ x: Variable,
        _ rows: TokenRows,
        over all: Variable,
        _ allRows: TokenRows,
        _ context: ForwardContext
    ) -> Variable {
        let attended = context.attention(
            query: query(x, rows: rows, context),
            rows,
            key: key(all, rows: allRows, context),
            value: value(all, rows: allRows, context),
            over: allRows,
            heads: heads,
            dropout: context.baseDropout(rate: attentionDropout, purpose: query.module, rows: rows),
            at: attentionSublayer.site
        )
        return attentionOutput(attended, rows: rows, context)
    }

    var linears: [Linear] { [query, key, value, attentionOutput, feedForwardUp, feedForwardDown] }
    var norms: [LayerNorm] { [attentionSublayer.norm, feedForwardSublayer.norm] }
}
