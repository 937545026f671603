/// A JSON number with the text it was written as, so that nothing is rounded before somebody asks for a type.
public struct JSONNumber: Sendable {
    /// The text, by the grammar of JSON.
    public let text: String

    /// A number whose `text` the parser has checked.
    init(checked text: String) {
        self.text = text
    }

    /// The number `value`.
    public init(_ value: Int) {
        self.text = String(value)
    }

    /// The number `value`.
    public init(_ value: UInt64) {
        self.text = String(value)
    }

    /// The shortest text that reads back as `value`, laid out like Python's `repr`; nil if `value` is not finite.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.text = value.pythonDescription
    }

    /// The value if it was written as an integer, without fraction or exponent, and fits.
    public var int: Int? { Int(text) }

    /// The value if it was written as an integer that is not negative, and fits.
    public var uint64: UInt64? { UInt64(text) }

    /// The nearest double, or nil if the number is too large for one.
    public var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// Whether it was written without fraction and exponent.
    public var isInteger: Bool {
        text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension JSONNumber: Equatable, CustomStringConvertible {
    /// Whether both were written the same way.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    /// The text.
    public var description: String { text }
}

extension Double {
    /// The shortest decimal that reads back as this value, as Python's `repr` writes it: positional between 1e-4 and
    /// 1e16 with at least one digit after the point, otherwise with an exponent of at least two digits.
    var pythonDescription: String {
        let (isNegative, digits, pointPosition) = shortestDigits
        let sign = isNegative ? "-" : ""
        guard pointPosition > -4, pointPosition <= 16 else {
            let exponent = pointPosition - 1
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let magnitude = String(exponent.magnitude)
            let padded = magnitude.count < 2 ? "0" + magnitude : magnitude
            return sign + digits.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+") + padded
        }
        if pointPosition <= 0 { return sign + "0." + String(repeating: "0", count: -pointPosition) + digits }
        if digits.count <= pointPosition {
            return sign + digits + String(repeating: "0", count: pointPosition - digits.count) + ".0"
        }
        return sign + digits.prefix(pointPosition) + "." + digits.dropFirst(pointPosition)
    }

    /// The shortest digits d₁d₂… that read back as |self| = 0.d₁d₂… · 10^pointPosition, without leading or trailing
    /// zeros; zero itself is "0" with its point behind it.
    private var shortestDigits: (isNegative: Bool, digits: String, pointPosition: Int) {
        // The standard library already prints the shortest digits; only its layout is undone here.
        let isNegative = sign == .minus
        let parts = magnitude.description.split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let all = whole + fraction
        let leading = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leading)
        while digits.last == "0" { digits.removeLast() }
        if digits.isEmpty { return (isNegative, "0", 1) }
        return (isNegative, String(digits), whole.count + exponent - leading)
    }
}
