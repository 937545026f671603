import PEFTTokenizers

extension LanguageModelEncoder {
    /// The tokens of a document, and which of them are to be predicted.
    func tokens(of document: LanguageModelDocument, at location: SourceLocation?) throws -> DocumentTokens {
        switch document {
        case .text(let text):
            let ids = try ended(text)
            return DocumentTokens(ids: ids, isPredicted: Array(repeating: true, count: ids.count))
        case .completion(let prompt, let completion):
            let ids = try ended(prompt + completion)
            guard learns != .all else {
                return DocumentTokens(ids: ids, isPredicted: Array(repeating: true, count: ids.count))
            }
            // A token in which prompt and completion meet belongs to the completion. TRL counts the tokens of the prompt
            // by itself, and loses such a token.
            let shared = try tokenizer.encode(prompt, maximumLength: nil).ids.commonPrefixCount(with: ids)
            return DocumentTokens(ids: ids, isPredicted: ids.indices.map { $0 >= shared })
        case .conversation(let messages):
            do {
                return try tokens(of: messages)
            } catch {
                throw DatasetError(at: location, problem: "\(error)")
            }
        }
    }

    /// A text's tokens, and the end token.
    private func ended(_ text: String) throws -> [Int32] {
        let ids = try tokenizer.encode(text, maximumLength: nil).ids
        guard let endToken, ids.last != endToken else { return ids }
        return ids + [endToken]
    }

    private func tokens(of messages: [ChatMessage]) throws -> DocumentTokens {
        guard let conversations else { throw ConversationFault.noTemplate }
        let ids = try conversations.tokens(of: messages, addingGenerationPrompt: false)
        guard learns == .answers else {
            return DocumentTokens(ids: ids, isPredicted: Array(repeating: true, count: ids.count))
        }
        var isPredicted = Array(repeating: false, count: ids.count)
        for (index, message) in messages.enumerated() where message.role == Self.assistant {
            // Many templates refuse a conversation without messages.
            let before =
                try index == 0
                ? [] : conversations.tokens(of: Array(messages[..<index]), addingGenerationPrompt: true)
            let after = try conversations.tokens(of: Array(messages[...index]), addingGenerationPrompt: false)
            let (start, end) = (before.commonPrefixCount(with: ids), after.commonPrefixCount(with: ids))
            // The last token may be another one where texts meet in it.
            guard start >= before.count - 1, end >= after.count - 1, start <= end else {
                throw ConversationFault.rendersOtherwise(message: index + 1)
            }
            for position in start..<end { isPredicted[position] = true }
        }
        guard isPredicted.contains(true) else { throw ConversationFault.noAnswer }
        return DocumentTokens(ids: ids, isPredicted: isPredicted)
    }

    /// Whose messages are answers.
    private static let assistant = "assistant"
}

/// A conversation that nothing can be learnt from.
private enum ConversationFault: Error, CustomStringConvertible {
    case noTemplate
    case noAnswer
    case rendersOtherwise(message: Int)

    var description: String {
        switch self {
        case .noTemplate:
            "this document is a conversation, and there is no chat template to turn it into tokens; give a model that has "
                + "one, or texts"
        case .noAnswer:
            "nobody says anything as assistant, and only answers are to be learnt; learn whole conversations, or leave this "
                + "one out"
        case .rendersOtherwise(let message):
            "the chat template writes what comes before and up to message \(message) in another way when more follows, so that "
                + "the answer cannot be found in the whole; learn whole conversations"
        }
    }
}

extension [Int32] {
    /// How many elements both begin with.
    fileprivate func commonPrefixCount(with other: [Int32]) -> Int {
        let length = Swift.min(count, other.count)
        return (0..<length).first { self[$0] != other[$0] } ?? length
    }
}
