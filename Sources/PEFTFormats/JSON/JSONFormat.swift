/// How a JSON text is laid out.
public struct JSONFormat: Sendable, Equatable {
    /// The spaces per level of a text with one member per line, or nil for one line without any white space.
    public var indent: Int?
    /// Whether members are written in the order of their keys' code points instead of their own.
    public var sortsKeys: Bool
    /// Whether everything beyond ASCII is written as `\uXXXX`.
    public var escapesNonASCII: Bool

    /// A layout.
    public init(indent: Int?, sortsKeys: Bool, escapesNonASCII: Bool) {
        self.indent = indent
        self.sortsKeys = sortsKeys
        self.escapesNonASCII = escapesNonASCII
    }

    /// The bytes of Python's `json.dumps(value, indent=2, sort_keys=True)`.
    public static let pretty = JSONFormat(indent: 2, sortsKeys: true, escapesNonASCII: true)

    /// One line in the order of the members, in UTF-8.
    public static let compact = JSONFormat(indent: nil, sortsKeys: false, escapesNonASCII: false)
}
