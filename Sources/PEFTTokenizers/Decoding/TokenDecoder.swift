/// Turns tokens back into text, a step after the other, as the decoders of `tokenizers` do.
struct TokenDecoder: Sendable, Equatable {
    /// One step: what becomes of a list of texts, in UTF-8.
    enum Step: Sendable, Equatable {
        /// All characters that spell bytes become these; bytes that are no UTF-8 become U+FFFD.
        case byteLevel
        /// Tokens `<0x00>` to `<0xFF>` that follow each other become the text of their bytes, or as many U+FFFD.
        case byteFallback
        /// Replaces a text in each token.
        case replacement(of: [UInt8], by: [UInt8])
        /// All tokens become one.
        case fuse
        /// Takes a character off either end of each token, up to so many times.
        case strip(UInt32, start: Int, end: Int)
        /// Marks become spaces; those of the first token vanish if there is one before each text.
        case metaspace(mark: [UInt8], dropsFirst: Bool)
        /// Tokens with the prefix go on the word before, the others get a space before them.
        case wordPiece(prefix: [UInt8], cleansUp: Bool)
    }

    /// The steps, nil for spaces between tokens.
    let steps: [Step]?

    /// BERT's: `##` goes on a word, and spaces before punctuation vanish.
    static let wordPiece = TokenDecoder(steps: [.wordPiece(prefix: Array("##".utf8), cleansUp: true)])

    /// The text of tokens.
    func text(of tokens: [String]) -> String {
        guard let steps else { return tokens.joined(separator: " ") }
        var parts = tokens.map { Array($0.utf8) }
        for step in steps { parts = Self.apply(step, to: parts) }
        return String(decoding: parts.joined(), as: UTF8.self)
    }

    private static func apply(_ step: Step, to tokens: [[UInt8]]) -> [[UInt8]] {
        switch step {
        case .byteLevel: [byteLevel(tokens)]
        case .byteFallback: byteFallback(tokens)
        case .replacement(let pattern, let replacement):
            tokens.map { token in token.withUnsafeBufferPointer { $0.replacing(pattern, by: replacement) } }
        case .fuse: [Array(tokens.joined())]
        case .strip(let character, let start, let end): tokens.map { strip($0, character, start: start, end: end) }
        case .metaspace(let mark, let dropsFirst):
            tokens.enumerated().map { index, token in
                let replacement = index == 0 && dropsFirst ? [] : [UInt8(ascii: " ")]
                return token.withUnsafeBufferPointer { $0.replacing(mark, by: replacement) }
            }
        case .wordPiece(let prefix, let cleansUp): wordPiece(tokens, prefix: prefix, cleansUp: cleansUp)
        }
    }

    private static func byteLevel(_ tokens: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for token in tokens { ByteAlphabet.append(bytesOf: token, to: &bytes) }
        return Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    private static func byteFallback(_ tokens: [[UInt8]]) -> [[UInt8]] {
        var output: [[UInt8]] = []
        var bytes: [UInt8] = []
        func flush() {
            if bytes.isEmpty { return }
            if String(validating: bytes, as: UTF8.self) != nil {
                output.append(bytes)
            } else {
                output += Array(repeating: Array("\u{FFFD}".utf8), count: bytes.count)
            }
            bytes = []
        }
        for token in tokens {
            if let byte = fallbackByte(token) {
                bytes.append(byte)
            } else {
                flush()
                output.append(token)
            }
        }
        flush()
        return output
    }

    /// The byte of a token such as `<0x0A>`.
    private static func fallbackByte(_ token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">") else { return nil }
        return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
    }

    private static func strip(_ token: [UInt8], _ character: UInt32, start: Int, end: Int) -> [UInt8] {
        let scalars = Array(String(decoding: token, as: UTF8.self).unicodeScalars)
        let leading = scalars.prefix(start).prefix { $0.value == character }.count
        let trailing = scalars.suffix(end).reversed().prefix { $0.value == character }.count
        var output: [UInt8] = []
        if leading + trailing < scalars.count {
            for scalar in scalars[leading..<scalars.count - trailing] { output.append(scalar: scalar.value) }
        }
        return output
    }

    private static func wordPiece(_ tokens: [[UInt8]], prefix: [UInt8], cleansUp: Bool) -> [[UInt8]] {
        tokens.enumerated().map { index, token in
            var token = token
            if index > 0 {
                if token.starts(with: prefix) {
                    token.removeFirst(prefix.count)
                } else {
                    token.insert(UInt8(ascii: " "), at: 0)
                }
            }
            return cleansUp ? cleanedUp(token) : token
        }
    }

    /// English punctuation and contractions without the space before them, in this order.
    private static let joins: [(pattern: [UInt8], replacement: [UInt8])] = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
        (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ].map { (Array($0.utf8), Array($1.utf8)) }

    private static func cleanedUp(_ token: [UInt8]) -> [UInt8] {
        joins.reduce(token) { token, join in
            token.withUnsafeBufferPointer { $0.replacing(join.pattern, by: join.replacement) }
        }
    }
}
