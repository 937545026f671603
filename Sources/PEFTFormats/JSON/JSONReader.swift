/// A place in a JSON text from which typed values are read; every error names the source and the path.
///
/// ```swift
/// let config = JSONReader(try JSONValue(parsing: bytes, source: "config.json"), source: "config.json")
/// let hidden = try config["hidden_size"].positiveInt()
/// let dropout = try config["hidden_dropout_prob"].ifPresent?.double() ?? 0.1
/// let labels = try config["id2label"].ifPresent?.members()
/// ```
public struct JSONReader: Sendable {
    /// What errors call the text, usually the file's name.
    public let source: String
    /// The way from the outermost value, as in `text_config.layers[2]`; empty for the outermost.
    public let path: String
    /// The value, or nil if the object has no such key.
    public let value: JSONValue?

    /// A reader of the outermost value.
    public init(_ value: JSONValue, source: String) {
        self.init(value, source: source, path: "")
    }

    private init(_ value: JSONValue?, source: String, path: String) {
        self.value = value
        self.source = source
        self.path = path
    }

    /// A reader of the member `key`, which may be missing.
    ///
    /// - Throws: ``JSONError`` if this value is not an object.
    public subscript(key: String) -> JSONReader {
        get throws(JSONError) {
            let object = try object()
            return member(key, object[key])
        }
    }

    /// This reader, or nil if the value is missing or `null`.
    public var ifPresent: JSONReader? {
        switch value {
        case nil, .null: nil
        default: self
        }
    }

    /// An error that says what this value should have been, and what was found if that is not the value itself.
    public func error(expected: String, found: String? = nil) -> JSONError {
        JSONError(source: source, place: .value(path: path), expected: expected, found: found ?? self.found)
    }

    /// The readers of the members, in the order of the file.
    ///
    /// - Throws: ``JSONError`` if this is not an object.
    public func members() throws(JSONError) -> [(key: String, value: JSONReader)] {
        let object = try object()
        return object.map { ($0.key, member($0.key, $0.value)) }
    }

    /// The readers of the elements.
    ///
    /// - Throws: ``JSONError`` if this is not an array.
    public func elements() throws(JSONError) -> [JSONReader] {
        guard case .array(let elements) = value else { throw error(expected: "an array") }
        return elements.enumerated().map { position, element in
            JSONReader(element, source: source, path: "\(path)[\(position)]")
        }
    }

    /// The keys of the object that are not in `known`, in the order of the file.
    ///
    /// - Throws: ``JSONError`` if this is not an object.
    public func unknownKeys(besides known: [String]) throws(JSONError) -> [String] {
        var table = JSONObject()
        for key in known { table[key] = .null }
        return try object().keys.filter { table[$0] == nil }
    }

    private func member(_ key: String, _ value: JSONValue?) -> JSONReader {
        let isPlain = key.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let step = isPlain && !key.isEmpty ? (path.isEmpty ? key : "." + key) : "[\(key.quoted)]"
        return JSONReader(value, source: source, path: path + step)
    }

    private var found: String {
        switch value {
        case nil: "nothing"
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): number.text
        case .string(let text): text.quoted
        case .array: "an array"
        case .object: "an object"
        }
    }
}
