/// A JSON value as the file has it: objects keep their order, numbers their text.
///
/// Two values are equal when they have the same structure: strings and keys by their UTF-8 bytes, numbers by their
/// text, objects whatever the order of their members.
public enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, with the text it was written as.
    case number(JSONNumber)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// Parses a whole JSON text by RFC 8259, in strict UTF-8, with nothing before or after the value but white space.
    ///
    /// Refused are duplicate keys, lone surrogates, trailing commas, comments, `NaN`, a byte order mark and values
    /// nested deeper than 256.
    ///
    /// - Parameter source: what an error calls the text, usually the file's name.
    /// - Throws: ``JSONError`` with the place of the first fault.
    public init(parsing bytes: UnsafeRawBufferPointer, source: String) throws(JSONError) {
        var parser = JSONParser(bytes, source: source)
        self = try parser.parseDocument()
    }

    /// Parses a whole JSON text; see ``init(parsing:source:)-(UnsafeRawBufferPointer,_)``.
    ///
    /// - Throws: ``JSONError`` with the place of the first fault.
    public init(parsing bytes: [UInt8], source: String) throws(JSONError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONError) in try JSONValue(parsing: buffer, source: source) }
        }
        self = try result.get()
    }

    /// The number `value`, or `null` if it is not finite, as JSON has no such number.
    public init(_ value: Double) {
        self = JSONNumber(value).map(JSONValue.number) ?? .null
    }

    /// The number `value`.
    public init(_ value: Int) {
        self = .number(JSONNumber(value))
    }
}

extension JSONValue: Equatable {
    /// Whether both have the same structure; see ``JSONValue``.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// An integer.
    public init(integerLiteral value: Int) { self.init(value) }

    /// A number with a fraction or an exponent.
    public init(floatLiteral value: Double) { self.init(value) }

    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// An array of `elements`.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// An object of `members` in this order.
    ///
    /// - Precondition: no key occurs twice.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(JSONObject(members))
    }
}
