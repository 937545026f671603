import PEFTFormats

extension TokenDecoder {
    /// The kinds of decoders there are.
    static let kinds = ["ByteLevel", "ByteFallback", "Replace", "Fuse", "Strip", "Metaspace", "WordPiece"]

    /// Reads a decoder.
    ///
    /// - Parameter supported: the kinds of it that may occur.
    /// - Throws: `JSONError`, or ``TokenizerError`` for one of another kind.
    init(reading decoder: JSONReader, supported: [String]) throws {
        switch try decoder.kind("decoder", supported, orNull: true) {
        case nil: self.init(steps: nil)
        case "Sequence":
            let decoders = try decoder["decoders"].elements()
            self.init(steps: try decoders.map { try Step(reading: $0, supported: Self.kinds) })
        default: self.init(steps: [try Step(reading: decoder, supported: supported)])
        }
    }
}

extension TokenDecoder.Step {
    fileprivate init(reading decoder: JSONReader, supported: [String]) throws {
        switch try decoder.kind("decoder", supported) {
        case "ByteLevel": self = .byteLevel
        case "ByteFallback": self = .byteFallback
        case "Fuse": self = .fuse
        case "Replace":
            self = .replacement(
                of: try decoder["pattern"].literalPattern("decoder"),
                by: Array(try decoder["content"].string().utf8)
            )
        case "Strip":
            let content = try decoder["content"]
            let scalars = try content.string().unicodeScalars
            guard let scalar = scalars.first, scalars.count == 1 else {
                throw content.error(expected: "one character")
            }
            self = .strip(
                scalar.value,
                start: try decoder["start"].int(in: 0 ... .max),
                end: try decoder["stop"].int(in: 0 ... .max)
            )
        case "Metaspace":
            let metaspace = try Metaspace(reading: decoder)
            self = .metaspace(mark: metaspace.mark, dropsFirst: metaspace.prefix != .never)
        default:
            if case .string = decoder.value {
                self = .wordPiece(prefix: Array("##".utf8), cleansUp: true)
            } else {
                self = .wordPiece(
                    prefix: Array(try decoder["prefix"].ifPresent?.string().utf8 ?? "##".utf8),
                    cleansUp: try decoder["cleanup"].ifPresent?.bool() ?? true
                )
            }
        }
    }
}

extension Metaspace {
    /// Reads what a pre-tokenizer or a decoder says of spaces.
    init(reading value: JSONReader) throws {
        let mark = try value["replacement"].string()
        guard mark.unicodeScalars.count == 1 else {
            throw try value["replacement"].error(expected: "one character")
        }
        let scheme = try value["prepend_scheme"]
        let prefix: Prefix =
            switch try scheme.ifPresent?.string() {
            // What files said before there were schemes.
            case nil: try value["add_prefix_space"].ifPresent?.bool() ?? true ? .always : .never
            case "always": .always
            case "first": .first
            case "never": .never
            default: throw scheme.error(expected: "\"always\", \"first\" or \"never\"")
            }
        self.init(mark: Array(mark.utf8), prefix: prefix, splits: try value["split"].ifPresent?.bool() ?? true)
    }
}

extension JSONReader {
    /// A pattern that is a text and no regular expression, in UTF-8.
    ///
    /// - Throws: ``TokenizerError`` for a regular expression, `JSONError` for an empty text.
    func literalPattern(_ part: String) throws -> [UInt8] {
        if let expression = try self["Regex"].ifPresent {
            let text = try expression.string()
            throw unsupported("a pattern of the \(part)", "the regular expression \(text.quoted)", ["a String"])
        }
        let text = try self["String"].string()
        guard !text.isEmpty else { throw try self["String"].error(expected: "a text that is not empty") }
        return Array(text.utf8)
    }
}
