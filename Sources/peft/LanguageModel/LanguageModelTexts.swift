import PEFTKit

/// Turns a model's documents into examples, as the options say.
struct LanguageModelTexts {
    let options: LanguageModelOptions
    let model: LocatedModel
    let base: FrozenModel<AnyLanguageModel>
    let tokenizer: any Tokenizer
    let adapter: AdapterBundle?
    let maximumLength: Int
    let workers: WorkerPool

    /// The examples of a file or folder, with what an error says of where they are from.
    func examples(
        of documents: LanguageModelDataset,
        from path: String
    ) async throws -> (examples: [LanguageModelExample], location: @Sendable (Int) -> SourceLocation?) {
        let hasConversations = documents.contains { if case .conversation = $0 { true } else { false } }
        let encoder = LanguageModelEncoder(
            tokenizer: tokenizer,
            endToken: tokenizer.specialTokens.end?.id,
            maximumLength: maximumLength,
            layout: options.layout(of: path),
            overlap: options.textOverlap ?? 0,
            learns: options.lossOn ?? .completions,
            conversations: hasConversations ? try model.conversations(tokenizer) : nil,
            workers: workers
        )
        try encoder.check(against: base.architecture, adapter)
        let encoded = try await encoder.encodeWithOrigins(documents)
        let origins = encoded.map(\.document)
        return (encoded.map(\.example), { documents.location(of: origins[$0]) })
    }

    /// The number of tokens of a text where nobody says it: enough for most, and TRL's.
    static func standardLength(_ base: FrozenModel<AnyLanguageModel>, _ adapter: AdapterBundle?) -> Int {
        min(1024, base.architecture.maximumLength - (adapter?.reservedPositions ?? 0))
    }
}
