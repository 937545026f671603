/// Tokens and their ids, keyed by UTF-8 bytes.
///
/// Swift strings that are canonically equivalent are equal, and a vocabulary may well hold both spellings of é.
struct Vocabulary: Sendable {
    /// Finds the id of a token, or of the longest token that a text begins with.
    private(set) var trie = ByteTrie()
    private(set) var texts: [Int32: String] = [:]
    /// The number of distinct tokens.
    private(set) var count = 0
    private var byteCount = 0

    /// The largest id.
    var largestID: Int32 { texts.keys.max() ?? -1 }

    /// The id of a token.
    func id(of token: String) -> Int32? { trie[token.utf8] }

    /// The token of an id.
    func token(of id: Int32) -> String? { texts[id] }

    /// Adds a token, or gives one that is there another id: the last one counts.
    ///
    /// - Throws: ``TokenizerError`` when another token has the id, or when the tokens are too long altogether.
    mutating func insert(_ token: String, id: Int32, source: String) throws {
        if let other = texts[id] {
            throw TokenizerError.invalid(
                source: source,
                problem: "the tokens \"\(other)\" and \"\(token)\" both have the id \(id); "
                    + "every id belongs to one token"
            )
        }
        byteCount += token.utf8.count
        guard byteCount < ByteTrie.maximumByteCount else {
            throw TokenizerError.invalid(
                source: source,
                problem: "the tokens are longer than \(ByteTrie.maximumByteCount) bytes altogether; "
                    + "is this a vocabulary?"
            )
        }
        if let former = trie.updateValue(id, for: token.utf8) {
            texts[former] = nil
        } else {
            count += 1
        }
        texts[id] = token
    }
}
