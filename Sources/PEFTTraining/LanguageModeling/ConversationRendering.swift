public import PEFTTokenizers

/// Turns a conversation into the tokens that a chat model was trained on, usually by the model's own chat template.
public protocol ConversationRendering: Sendable {
    /// The tokens of a conversation, special tokens included.
    ///
    /// - Parameters:
    ///   - messages: what was said, in order.
    ///   - addingGenerationPrompt: whether what begins an answer of the assistant follows.
    /// - Throws: what is wrong with the conversation, for instance roles in an order that the template refuses.
    func tokens(of messages: [ChatMessage], addingGenerationPrompt: Bool) throws -> [Int32]
}
