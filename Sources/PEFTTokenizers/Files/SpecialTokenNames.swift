/// The texts of the special tokens, before a vocabulary gives them ids.
struct SpecialTokenNames: Sendable, Equatable {
    /// A text, and whether a file says so rather than custom.
    struct Name: Sendable, Equatable {
        var text: String
        /// Who names it, nil for BERT's custom.
        var source: String?
    }

    var padding = Name(text: "[PAD]")
    var unknown = Name(text: "[UNK]")
    var classification = Name(text: "[CLS]")
    var separator = Name(text: "[SEP]")
    var mask = Name(text: "[MASK]")
    /// What begins and ends a text of a language model; nil where nobody says so.
    var beginning: Name?
    var end: Name?

    /// BERT's names.
    static let bert = SpecialTokenNames()

    /// The tokens of these names.
    ///
    /// - Parameter unknown: what the model itself falls back on, nil for what is named.
    /// - Throws: ``TokenizerError`` when a file names a token that there is not.
    func resolve(unknown: SpecialToken?, id: (String) -> Int32?) throws -> SpecialTokens {
        func token(_ name: Name, _ kind: String) throws -> SpecialToken? {
            if let id = id(name.text) { return SpecialToken(text: name.text, id: id) }
            guard let source = name.source else { return nil }
            throw TokenizerError.invalid(
                source: source,
                problem: "the \(kind) token \"\(name.text)\" is not in the vocabulary"
            )
        }
        return SpecialTokens(
            padding: try token(padding, "padding"),
            unknown: try unknown ?? token(self.unknown, "unknown"),
            classification: try token(classification, "classification"),
            separator: try token(separator, "separator"),
            mask: try token(mask, "mask"),
            beginning: try beginning.flatMap { try token($0, "beginning") },
            end: try end.flatMap { try token($0, "end") }
        )
    }
}
