/// A text that cannot be continued as asked.
public enum GenerationError: Error, Hashable, CustomStringConvertible {
    /// A number that makes no sense.
    case invalid(String, value: String, expected: String)
    /// A stop string without a character.
    case emptyStopString
    /// A prompt without a token, where the tokenizer begins no text by itself.
    case emptyPrompt
    /// A prompt that leaves no room for another token.
    case promptTooLong(tokens: Int, limit: Int)
    /// A tokenizer with more tokens than the model has embeddings.
    case vocabulary(tokenizer: Int, model: Int)
    /// A prompt with a token that the model does not know.
    case unknownToken(Int32, vocabulary: Int)
    /// An adapter for a request that nobody has.
    case unknownAdapter(String, known: [String])
    /// An adapter with a head, which cannot continue texts.
    case notForLanguage(adapter: String, labels: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .invalid(let name, let value, let expected):
            "the \(name) is \(value); it must be \(expected)"
        case .emptyStopString:
            "a stop string is empty, so that every text would end before it begins; leave it out"
        case .emptyPrompt:
            "the prompt has no tokens, and there is nothing to continue; give it at least one character"
        case .promptTooLong(let tokens, let limit):
            "the prompt has \(tokens) tokens, but the model reads \(limit) with this adapter, and at least one is for the "
                + "answer; shorten the prompt to \(limit - 1)"
        case .vocabulary(let tokenizer, let model):
            "the tokenizer has \(tokenizer) tokens, the model embeddings for \(model) only: they do not belong together"
        case .unknownToken(let id, let vocabulary):
            "the prompt has the token \(id), the model embeddings for 0 to \(vocabulary - 1) only"
        case .unknownAdapter(let name, let known):
            "there is no adapter '\(name)'; there are \(known.isEmpty ? "none" : known.joined(separator: ", "))"
        case .notForLanguage(let adapter, let labels):
            "the adapter '\(adapter)' has a head for \(labels) classes: it classifies texts and continues none"
        }
    }
}
