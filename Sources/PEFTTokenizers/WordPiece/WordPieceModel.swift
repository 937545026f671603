/// Splits a word into the longest pieces of the vocabulary, greedily from the left.
struct WordPieceModel: Sendable {
    let vocabulary: Vocabulary
    /// The token of a word that cannot be split.
    let unknown: SpecialToken
    /// The longest word, in characters, that is split at all.
    let maximumWordLength: Int

    /// Where the pieces inside a word start in the trie: behind the prefix that marks them, as in `##ing`. Nil when no
    /// token has the prefix.
    private let continuation: ByteTrie.Node?

    /// - Throws: ``TokenizerError`` when the vocabulary lacks the unknown token.
    init(
        vocabulary: Vocabulary,
        unknownToken: String = "[UNK]",
        continuationPrefix: String = "##",
        maximumWordLength: Int = 100,
        source: String
    ) throws {
        guard let id = vocabulary.id(of: unknownToken) else {
            throw TokenizerError.invalid(
                source: source,
                problem: "the unknown token \"\(unknownToken)\" is not in the vocabulary of "
                    + "\(vocabulary.count) tokens; every word that cannot be split becomes it"
            )
        }
        self.vocabulary = vocabulary
        unknown = SpecialToken(text: unknownToken, id: id)
        self.maximumWordLength = maximumWordLength
        continuation = vocabulary.trie.node(of: continuationPrefix.utf8)
    }

    /// Appends the ids of a word's pieces, or of the unknown token if some part of the word is no piece.
    ///
    /// - Parameter word: not empty, well-formed UTF-8. So are the tokens, and no piece ends inside a character.
    func append(_ word: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
        // A character has at least one byte, so most words need no counting.
        if word.count > maximumWordLength, word.scalarCount > maximumWordLength { return ids.append(unknown.id) }
        let former = ids.count
        var start = 0
        var root: ByteTrie.Node? = ByteTrie.root
        while start < word.count {
            guard let origin = root, let (id, end) = vocabulary.trie.longestMatch(in: word, from: start, below: origin)
            else {
                ids.removeSubrange(former...)
                return ids.append(unknown.id)
            }
            ids.append(id)
            start = end
            root = continuation
        }
    }
}
