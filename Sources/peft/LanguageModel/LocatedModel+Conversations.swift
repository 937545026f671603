import PEFTKit

extension LocatedModel {
    /// The model's own way to write conversations.
    ///
    /// - Throws: ``CommandError`` for a model without a chat template.
    func conversations(_ tokenizer: any Tokenizer) throws -> any ConversationRendering {
        guard let template = try ChatTemplate.open(folder) else {
            throw CommandError(
                "\(name) has no chat template, by which conversations are written; use a model that was tuned for them, or give "
                    + "texts instead of messages"
            )
        }
        return TemplateConversations(template, tokenizer: tokenizer)
    }
}
