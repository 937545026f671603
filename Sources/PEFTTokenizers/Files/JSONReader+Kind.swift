import PEFTFormats

extension JSONReader {
    /// The name of a part's kind: the `type` of an object, or the value itself if it is a string; nil for null.
    ///
    /// - Throws: ``TokenizerError`` when it is none of `supported`.
    @discardableResult
    func kind(_ part: String, _ supported: [String], orNull: Bool = false) throws -> String? {
        guard let present = ifPresent else {
            if orNull { return nil }
            throw unsupported(part, value == nil ? "missing" : "null", supported, orNull: orNull)
        }
        let type = if case .string = present.value { present } else { try present["type"] }
        guard type.value != nil else { throw unsupported(part, "of no named type", supported, orNull: orNull) }
        let name = try type.string()
        guard supported.contains(name) else { throw unsupported(part, "\"\(name)\"", supported, orNull: orNull) }
        return name
    }

    /// Checks the kind of a part of the file.
    func expect(_ part: String, _ supported: [String], orNull: Bool = false) throws {
        try self[part].kind(part, supported, orNull: orNull)
    }

    /// An error that says what is supported instead of what was found.
    func unsupported(_ part: String, _ found: String, _ supported: [String], orNull: Bool = false) -> TokenizerError {
        .unsupported(
            source: source,
            part: part,
            found: found,
            supported: (supported + (orNull ? ["null"] : [])).joined(separator: ", ")
        )
    }
}

extension Vocabulary {
    /// Reads an object of ids by token.
    ///
    /// - Throws: ``TokenizerError`` when two tokens have one id, `JSONError` for a value that is no id.
    init(reading vocabulary: JSONReader) throws {
        self.init()
        for (token, id) in try vocabulary.object() {
            guard case .number(let number) = id, let id = number.int, (0..<Int(Int32.max)).contains(id) else {
                throw try vocabulary[token].error(expected: "an id from 0 to \(Int32.max - 1)")
            }
            try insert(token, id: Int32(id), source: vocabulary.source)
        }
    }
}
