/// Finds added tokens in a text: the leftmost, and of several that begin there the longest.
struct AddedTokenMatcher: Sendable {
    /// A piece of a text.
    enum Piece: Equatable {
        /// An added token.
        case token(Int32)
        /// Bytes between added tokens.
        case text(Range<Int>)
    }

    private var trie = ByteTrie()
    private var tokens: [Int32: AddedToken] = [:]
    /// For each byte, whether some token begins with it: most positions of a text are passed by this alone.
    private var isFirstByte = Array(repeating: false, count: 256)

    /// Whether there is nothing to find.
    var isEmpty: Bool { tokens.isEmpty }

    /// Adds a token, to be found by `text`, which is not empty.
    ///
    /// - Returns: the id of another token that is found by the same text.
    mutating func insert(_ token: AddedToken, id: Int32, foundBy text: [UInt8]) -> Int32? {
        precondition(!text.isEmpty, "an empty token would be found everywhere")
        isFirstByte[Int(text[0])] = true
        tokens[id] = token
        return trie.updateValue(id, for: text)
    }

    /// Cuts a text into added tokens and what is between them; nothing empty comes out.
    ///
    /// - Parameter bytes: well-formed UTF-8.
    func pieces(of bytes: UnsafeBufferPointer<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        // Where the text in progress begins.
        var pending = 0
        var position = 0
        while position < bytes.count {
            guard isFirstByte[Int(bytes[position])], let (id, end) = trie.longestMatch(in: bytes, from: position) else {
                position += 1
                continue
            }
            if let token = tokens[id], var extent = extent(of: token, matching: position..<end, in: bytes) {
                // White space that the token before has swallowed is not there to be swallowed again; a token of
                // nothing but such white space vanishes. One that doesn't strip takes it all the same.
                if token.stripsLeft { extent.start = max(extent.start, pending) }
                if extent.start < extent.end {
                    if pending < extent.start { pieces.append(.text(pending..<extent.start)) }
                    pieces.append(.token(id))
                    pending = extent.end
                }
            }
            // Matches don't overlap, even with one that was turned down for not standing alone.
            position = end
        }
        if pending < bytes.count { pieces.append(.text(pending..<bytes.count)) }
        return pieces
    }

    /// What a match takes from the text, with the whitespace it swallows; nil when it had to stand alone and doesn't.
    private func extent(
        of token: AddedToken,
        matching match: Range<Int>,
        in bytes: UnsafeBufferPointer<UInt8>
    ) -> (start: Int, end: Int)? {
        let table = UnicodeTable.shared
        var (start, end) = (match.lowerBound, match.upperBound)
        if token.standsAlone {
            if start > 0, table[bytes.scalar(before: start).scalar].isWordCharacter { return nil }
            if end < bytes.count, table[bytes.scalar(at: end).scalar].isWordCharacter { return nil }
        }
        if token.stripsLeft {
            while start > 0 {
                let (scalar, length) = bytes.scalar(before: start)
                guard table[scalar].isWhitespace else { break }
                start -= length
            }
        }
        if token.stripsRight {
            while end < bytes.count {
                let (scalar, length) = bytes.scalar(at: end)
                guard table[scalar].isWhitespace else { break }
                end += length
            }
        }
        return (start, end)
    }
}
