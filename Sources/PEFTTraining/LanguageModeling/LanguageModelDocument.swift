public import PEFTTokenizers

/// A text that a language model learns from or is measured on.
public enum LanguageModelDocument: Sendable, Equatable {
    /// A text as it is.
    case text(String)
    /// What is asked for, and the answer that is to be learnt.
    case completion(prompt: String, completion: String)
    /// A conversation, which a chat template turns into tokens.
    case conversation([ChatMessage])
}
