import PEFTKit

extension ModelOptions {
    /// The base as a language model.
    func openLanguageModel() throws -> FrozenModel<AnyLanguageModel> {
        try FrozenModel<AnyLanguageModel>.open(folder, packing: packedWeights ? .automatic : .never)
    }

    /// The model's own way to write conversations.
    func conversations(_ tokenizer: any Tokenizer) throws -> any ConversationRendering {
        TemplateConversations(try chatTemplate(), tokenizer: tokenizer)
    }
}
