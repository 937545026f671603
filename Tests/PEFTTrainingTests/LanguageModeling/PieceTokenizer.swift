import PEFTTokenizers
import PEFTTraining

/// Takes the longest piece that it knows, as a language model's tokenizer might: a piece may begin with the space before a word.
struct PieceTokenizer: Tokenizer {
    static let begin: Int32 = 1
    static let end: Int32 = 2

    /// In front of every text is a token; 0 is whatever is unknown.
    var isBegun = false
    let pieces = ["The", " sky", " is", " blue", " ", "blue", "sky", " red", "."]

    var vocabularySize: Int { 3 + pieces.count }
    var specialTokens: SpecialTokens { SpecialTokens() }

    func id(of token: String) -> Int32? { pieces.firstIndex(of: token).map { Int32($0 + 3) } }
    func token(of id: Int32) -> String? { pieces.indices.contains(Int(id) - 3) ? pieces[Int(id) - 3] : nil }

    func encode(
        _ text: String,
        pair: String?,
        maximumLength: Int?,
        truncation: TruncationStrategy
    ) throws -> Encoding {
        var ids: [Int32] = isBegun ? [Self.begin] : []
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix("</s>") {
                ids.append(Self.end)
                rest = rest.dropFirst(4)
                continue
            }
            let piece = pieces.filter { rest.hasPrefix($0) }.max { $0.count < $1.count } ?? String(rest.prefix(1))
            ids.append(id(of: piece) ?? 0)
            rest = rest.dropFirst(piece.count)
        }
        return Encoding(ids: ids, typeIDs: Array(repeating: 0, count: ids.count))
    }
}

/// Writes a conversation as a token for who speaks, the text, and the end token.
struct TestConversations: ConversationRendering {
    struct Refusal: Error, CustomStringConvertible {
        let description = "roles must alternate"
    }

    /// Whether a conversation is written in another way as soon as it goes on.
    var forgets = false
    private let tokenizer = PieceTokenizer()
    static let speakers: [String: Int32] = ["system": 50, "user": 51, "assistant": 52]

    func tokens(of messages: [ChatMessage], addingGenerationPrompt: Bool) throws -> [Int32] {
        if zip(messages, messages.dropFirst()).contains(where: { $0.role == $1.role }) { throw Refusal() }
        var ids: [Int32] = [PieceTokenizer.begin]
        for (index, message) in messages.enumerated() {
            ids.append(Self.speakers[message.role] ?? 0)
            if !forgets || index == messages.count - 1 {
                ids += try tokenizer.encode(message.content, maximumLength: nil).ids
            }
            ids.append(PieceTokenizer.end)
        }
        return ids + (addingGenerationPrompt ? [52] : [])
    }
}
