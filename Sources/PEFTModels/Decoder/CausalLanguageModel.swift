public import PEFTAutograd

/// A model that reads from left to right and scores which token comes next.
///
/// Hidden states and logits are two steps, since logits over a whole vocabulary are large: whoever needs them for a few rows
/// asks for those, and a loss is computed without ever holding all of them.
public protocol CausalLanguageModel: AdaptableModel {
    /// The state of every token of the batch after the last norm, `[tokens, width]`; virtual tokens are left out again.
    func hiddenStates(_ batch: TokenBatch, _ context: ForwardContext) -> Variable

    /// The logits that follow some rows of ``hiddenStates(_:_:)``: `[rows, vocabularySize]`.
    func logits(_ hidden: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable

    /// Σ weight · −log p(target), one number `[1]`, over rows of ``hiddenStates(_:_:)``.
    ///
    /// Rows of weight 0 cost nothing, and logits exist for a part of the rows at a time.
    ///
    /// - Parameters:
    ///   - targets: the token that follows each row.
    ///   - weights: what each row counts.
    func loss(
        _ hidden: Variable,
        rows: TokenRows,
        targets: [Int32],
        weights: [Float],
        _ context: ForwardContext
    ) -> Variable
}
