public import PEFTTokenizers

/// Conversations as a model's chat template writes them.
public struct TemplateConversations: ConversationRendering {
    /// The template.
    public let template: ChatTemplate
    /// Turns what it writes into tokens.
    public let tokenizer: any Tokenizer

    /// Conversations by a template, for a tokenizer of the same model.
    public init(_ template: ChatTemplate, tokenizer: any Tokenizer) {
        self.template = template
        self.tokenizer = tokenizer
    }

    /// The tokens of a conversation; the template writes the special tokens itself, so that none are added.
    ///
    /// - Throws: ``ChatTemplateError``.
    public func tokens(of messages: [ChatMessage], addingGenerationPrompt: Bool) throws -> [Int32] {
        let text = try template.render(
            messages: messages,
            addingGenerationPrompt: addingGenerationPrompt,
            extra: tokenizer.specialTokens.templateVariables
        )
        return try tokenizer.ids(of: text)
    }
}
