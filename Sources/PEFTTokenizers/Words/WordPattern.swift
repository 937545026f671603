/// The regular expressions that cut a text into the words a byte-level tokenizer merges within.
///
/// Written by hand, since there is no engine here that knows Unicode as the one of `tokenizers` does. Each of them
/// matches at every position, so that words lie end to end.
package enum WordPattern: Sendable, Hashable {
    /// GPT-2's: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
    case gpt2
    /// That of `cl100k_base`, which Llama 3 and Qwen 2 took over with another number of digits to a word:
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|`
    /// `\s+(?!\S)|\s+`.
    case cl100k(digits: Int)

    /// The pattern of a regular expression as files write it, nil for an unknown one.
    package init?(regularExpression: String) {
        guard let pattern = Self.known[regularExpression] else { return nil }
        self = pattern
    }

    private static let known: [String: WordPattern] = {
        let contractions = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|"#
        let rest = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        let letters = #"[^\r\n\p{L}\p{N}]?\p{L}+|"#
        // What tiktoken gives: the same but for grouping, and for repetitions that never have anything to give back.
        let original = #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|"#
        return [
            #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
            #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
            contractions + letters + #"\p{N}{1,3}"# + rest: .cl100k(digits: 3),
            original + #"\s*[\r\n]|\s+(?!\S)|\s+"#: .cl100k(digits: 3),
            contractions + letters + #"\p{N}"# + rest: .cl100k(digits: 1),
        ]
    }()

    /// Where the word that begins at `start`, before the end of the text, ends.
    @inline(__always)
    func end(from start: Int, in text: CharacterKinds) -> Int {
        switch self {
        case .gpt2: Self.gpt2End(from: start, in: text)
        case .cl100k(let digits): Self.cl100kEnd(from: start, in: text, digits: digits)
        }
    }

    private static let apostrophe = UInt8(ascii: "'")
    private static let blank = UInt8(ascii: " ")

    private static func gpt2End(from start: Int, in text: CharacterKinds) -> Int {
        let byte = text.bytes[start]
        if byte == apostrophe, let end = contraction(at: start, in: text.bytes, ignoresCase: false) { return end }
        let word = byte == blank ? start + 1 : start
        if let kind = text.kind(at: word), !kind.isWhitespace { return text.end(of: kind, from: word) }
        return whitespaceEnd(from: start, in: text, splitsAfterNewlines: false)
    }

    private static func cl100kEnd(from start: Int, in text: CharacterKinds, digits: Int) -> Int {
        let byte = text.bytes[start]
        if byte == apostrophe, let end = contraction(at: start, in: text.bytes, ignoresCase: true) { return end }
        guard let (kind, length) = text.character(at: start) else { return start }
        switch kind {
        case .letter: return text.end(of: .letter, from: start)
        case .number: return text.end(of: .number, from: start, limit: digits)
        case .space, .other:
            if text.kind(at: start + length) == .letter { return text.end(of: .letter, from: start + length) }
        case .newline: break
        }
        let mark = byte == blank ? start + 1 : start
        if text.kind(at: mark) == .other { return text.end(of: .newline, from: text.end(of: .other, from: mark)) }
        return whitespaceEnd(from: start, in: text, splitsAfterNewlines: true)
    }

    /// The end of white space: behind its last newline if that counts, else before its last character, which goes with
    /// the word that follows. At the end of the text, and where there is only one character, it takes all.
    private static func whitespaceEnd(from start: Int, in text: CharacterKinds, splitsAfterNewlines: Bool) -> Int {
        var end = start
        var last = start
        var newlineEnd: Int?
        while let (kind, length) = text.character(at: end), kind.isWhitespace {
            last = end
            end += length
            if kind == .newline { newlineEnd = end }
        }
        if splitsAfterNewlines, let newlineEnd { return newlineEnd }
        return end == text.bytes.count || last == start ? end : last
    }

    /// The end of `'s`, `'t`, `'m`, `'d`, `'re`, `'ve` or `'ll` at `start`.
    private static func contraction(
        at start: Int,
        in bytes: UnsafeBufferPointer<UInt8>,
        ignoresCase: Bool
    ) -> Int? {
        func letter(_ position: Int) -> UInt8? {
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            return ignoresCase && byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
        }
        switch letter(start + 1) {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        case UInt8(ascii: "r") where letter(start + 2) == UInt8(ascii: "e"): return start + 3
        case UInt8(ascii: "v") where letter(start + 2) == UInt8(ascii: "e"): return start + 3
        case UInt8(ascii: "l") where letter(start + 2) == UInt8(ascii: "l"): return start + 3
        // ſ is the other small s when case doesn't count.
        case 0xC5 where ignoresCase && letter(start + 2) == 0xBF: return start + 3
        default: return nil
        }
    }
}
