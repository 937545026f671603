/// Why a tokenizer cannot be made, or a text not be encoded as asked.
public enum TokenizerError: Error, Hashable, CustomStringConvertible {
    /// A folder holds none of the files a tokenizer is read from.
    case missingFiles(folder: String)
    /// A file is not what it should be.
    case invalid(source: String, problem: String)
    /// A file asks for something that this library cannot do exactly.
    case unsupported(source: String, part: String, found: String, supported: String)
    /// The maximum length leaves no room for the special tokens.
    case maximumLengthTooSmall(maximumLength: Int, specialTokens: Int)
    /// The one text that may be cut has too few tokens to make both fit.
    case textTooShort(name: String, tokens: Int, excess: Int)
    /// The second text is to be cut, and there is none.
    case missingPair

    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .missingFiles(let folder):
            "\(folder): no tokenizer here; expected tokenizer.json or vocab.txt"
        case .invalid(let source, let problem):
            "\(source): \(problem)"
        case .unsupported(let source, let part, let found, let supported):
            "\(source): \(part) is \(found), which is not supported; supported: \(supported)"
        case .maximumLengthTooSmall(let maximumLength, let specialTokens):
            "a maximum length of \(maximumLength) leaves no room for the \(specialTokens) special tokens; "
                + "use at least \(specialTokens + 1)"
        case .textTooShort(let name, let tokens, let excess):
            "the \(name) text has \(tokens) tokens, and cutting it alone cannot remove the \(excess) that are too many; "
                + "raise the maximum length or truncate longest first"
        case .missingPair:
            "truncation is to cut only the second text, but there is none; truncate longest first or only the first"
        }
    }
}
