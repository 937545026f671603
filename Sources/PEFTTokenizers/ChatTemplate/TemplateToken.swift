/// A piece of a template's source.
struct TemplateToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// Text between tags.
        case text(String)
        /// `{{` and `}}`
        case outputBegin, outputEnd
        /// `{%` and `%}`
        case blockBegin, blockEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(String)
        case end
    }

    let kind: Kind
    /// The line it begins in, counted from 1.
    let line: Int

    /// The token in an error message.
    var described: String {
        switch kind {
        case .text: "text"
        case .outputBegin: "'{{'"
        case .outputEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .float: "a number"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end of the template"
        }
    }
}

extension Unicode.Scalar {
    /// Whether Python counts it as white space.
    var isPythonWhitespace: Bool {
        UnicodeTable.shared[value].isWhitespace || (0x1C...0x1F).contains(value)
    }

    var isASCIIDigit: Bool { ("0"..."9").contains(self) }

    /// Whether a name may begin with it.
    var beginsName: Bool { self == "_" || properties.isXIDStart }

    /// Whether a name may go on with it.
    var continuesName: Bool { properties.isXIDContinue }
}
