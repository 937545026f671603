import Foundation
import PEFTKit

/// What the examples of doc comments name without making it, where they are about a language model.
struct LanguageContext {
    let folder = URL(filePath: "SmolLM2-135M-Instruct.Q4_1.gguf")
    let base: FrozenModel<AnyLanguageModel>
    let tokenizer: any Tokenizer
    let adapter: AdapterBundle
    let examples: [LanguageModelExample]
    /// The ids of a text, as a model gives them.
    let generated: [Int32]
    /// A chat template.
    let source = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"

    init() async throws {
        base = try FrozenModel<AnyLanguageModel>.open(folder)
        tokenizer = try Tokenizers.open(folder)
        adapter = try AdapterBundle(LoRA(rank: 4), for: base.architecture)
        let texts = LanguageModelDataset([.text("Once upon a time there was a ship.")])
        examples = try await LanguageModelEncoder(tokenizer: tokenizer, endToken: nil, maximumLength: 32).encode(texts)
        generated = try tokenizer.encode("Once upon a time").ids
    }
}
