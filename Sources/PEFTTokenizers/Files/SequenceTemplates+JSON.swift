import PEFTFormats

extension SequenceTemplates {
    /// Reads a post-processor.
    ///
    /// - Parameters:
    ///   - supported: the kinds of it that may occur.
    ///   - token: the token of an id.
    /// - Throws: `JSONError`, or ``TokenizerError`` for one of another kind.
    init(reading processor: JSONReader, supported: [String], token: (Int32) -> String?) throws {
        func id(_ value: JSONReader) throws -> Int32 {
            let id = Int32(try value.int(in: 0...Int(Int32.max)))
            guard token(id) != nil else { throw value.error(expected: "the id of a token") }
            return id
        }
        switch try processor.kind("post_processor", supported, orNull: true) {
        case "BertProcessing":
            func second(_ pair: JSONReader) throws -> Int32 {
                let elements = try pair.elements()
                guard elements.count == 2 else { throw pair.error(expected: "a token and its id") }
                return try id(elements[1])
            }
            self = .bert(
                classification: try second(processor["cls"]),
                separator: try second(processor["sep"])
            )
        case "TemplateProcessing":
            let special = try processor["special_tokens"]
            func template(_ key: String, hasPair: Bool) throws -> SequenceTemplate {
                let pieces = try processor[key]
                let template = SequenceTemplate(
                    try pieces.elements().map { piece in
                        try SequenceTemplate.Piece(reading: piece) { name in
                            try special[name]["ids"].elements().map(id)
                        }
                    }
                )
                guard template.usesSecond == hasPair else {
                    throw pieces.error(
                        expected: hasPair ? "a template that uses Sequence B" : "a template of Sequence A alone"
                    )
                }
                return template
            }
            self.init(
                single: try template("single", hasPair: false),
                pair: try template("pair", hasPair: true)
            )
        case "Sequence":
            // Processing bytes only moves offsets, which are of no interest here.
            let processors = try processor["processors"].elements().filter {
                try $0.kind("post_processor", supported, orNull: false) != "ByteLevel"
            }
            guard processors.count <= 1 else {
                throw processor.unsupported("post_processor", "several in sequence", supported, orNull: true)
            }
            self = try processors.first.map { try Self(reading: $0, supported: supported, token: token) } ?? .bare
        default:
            self = .bare
        }
    }
}

extension SequenceTemplate.Piece {
    /// - Parameter ids: the ids of a special token by its name.
    fileprivate init(reading piece: JSONReader, ids: (String) throws -> [Int32]) throws {
        func typeID(_ value: JSONReader) throws -> Int32 {
            Int32(try value["type_id"].int(in: 0...Int(Int32.max)))
        }
        if let special = try piece["SpecialToken"].ifPresent {
            self = .special(try ids(special["id"].string()), typeID: try typeID(special))
            return
        }
        let sequence = try piece["Sequence"]
        switch try sequence["id"].string() {
        case "A": self = .first(typeID: try typeID(sequence))
        case "B": self = .second(typeID: try typeID(sequence))
        default: throw try sequence["id"].error(expected: "\"A\" or \"B\"")
        }
    }
}
