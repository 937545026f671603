/// SentencePiece's way with spaces: each becomes ▁, and one may be put before the text.
package struct Metaspace: Sendable, Equatable {
    /// Where a mark is put before a text that doesn't begin with one.
    package enum Prefix: Sendable {
        /// Before every piece between added tokens.
        case always
        /// Before the beginning of the whole text.
        case first
        case never
    }

    /// What a space becomes, in UTF-8.
    let mark: [UInt8]
    let prefix: Prefix
    /// Whether a word begins at every mark.
    let splits: Bool

    /// U+2581.
    static let standardMark = Array("\u{2581}".utf8)

    /// The text with marks.
    func marked(_ bytes: UnsafeBufferPointer<UInt8>, isAtStart: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 2 + mark.count)
        if prefix == .always || prefix == .first && isAtStart, bytes.first != UInt8(ascii: " "),
            !bytes.starts(with: mark)
        {
            output += mark
        }
        for byte in bytes {
            if byte == UInt8(ascii: " ") { output += mark } else { output.append(byte) }
        }
        return output
    }

    /// Where the word that begins at `start` ends: before the next mark.
    ///
    /// - Parameter keepsRuns: whether marks that follow each other stay in one word.
    func end(from start: Int, in bytes: UnsafeBufferPointer<UInt8>, keepsRuns: Bool) -> Int {
        var position = start + 1
        var follows = bytes[start...].starts(with: mark)
        if follows { position = start + mark.count }
        while position < bytes.count {
            if bytes[position] == mark[0], bytes[position...].starts(with: mark) {
                if !keepsRuns || !follows { return position }
                position += mark.count
            } else {
                follows = false
                position += 1
            }
        }
        return bytes.count
    }
}
