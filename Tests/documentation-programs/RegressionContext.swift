import PEFTKit

/// What the examples of doc comments name without making it, where they give texts a number.
struct RegressionContext {
    let base: FrozenModel<BERT>
    let tokenizer: WordPieceTokenizer
    let adapter: AdapterBundle

    init() throws {
        let small = try SmallBERT()
        (base, tokenizer) = (small.base, small.tokenizer)
        adapter = try AdapterBundle(LoRA(rank: 4), for: base.architecture, labels: ["stars"], task: .regression)
    }
}
