/// Reads `vocab.txt`: a token a line, its id the number of the line from 0.
///
/// As in `tokenizers`, white space at the end of a line is no part of the token, and of a token that is there twice
/// the last line counts.
enum VocabularyFile {
    /// The tokens in the order of their ids.
    ///
    /// - Throws: ``TokenizerError`` when the file is not valid UTF-8.
    static func tokens(in bytes: UnsafeRawBufferPointer, source: String) throws -> [String] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return try lines.enumerated().map { number, line in
            guard let text = String(validating: line, as: UTF8.self) else {
                throw TokenizerError.invalid(
                    source: "\(source):\(number + 1)",
                    problem: "not valid UTF-8; convert the file to UTF-8"
                )
            }
            let scalars = text.unicodeScalars
            let end = scalars.lastIndex { !UnicodeTable.shared[$0.value].isWhitespace }
            return String(scalars[..<(end.map(scalars.index(after:)) ?? scalars.startIndex)])
        }
    }
}
