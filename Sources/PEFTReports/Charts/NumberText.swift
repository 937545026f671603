import Foundation

/// Numbers as people read them.
package enum NumberText {
    /// What stands for a number that is not one.
    static let none = "–"

    /// 10,000
    package static func count(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        for position in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: position) }
        return (value < 0 ? "−" : "") + String(digits)
    }

    /// Four significant digits: 0.6931, 12.35, 5e-05.
    package static func value(_ value: Double) -> String {
        guard value.isFinite else { return none }
        return signed(shortExponent(String(format: "%.4g", value)))
    }

    /// A metric: four digits after the point while it is of the size of one.
    package static func metric(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 100, value == 0 || abs(value) >= 0.001 else { return self.value(value) }
        return signed(String(format: "%.4f", value))
    }

    /// 74.2 %
    package static func percentage(_ part: Double) -> String {
        guard part.isFinite else { return none }
        // A little is not nothing, and nearly all is not all.
        let digits = part == 0 || part == 1 || (0.01...0.99).contains(part) ? 1 : 2
        return String(format: "%.\(digits)f %%", part * 100)
    }

    /// 1 h 02 min, 3 min 20 s, 4.2 s
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return none }
        let whole = Int(seconds.rounded())
        if seconds < 59.95 { return String(format: "%.1f s", seconds) }
        if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
        return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
    }

    /// A number beside others that are multiples of `step`.
    static func tick(_ value: Double, step: Double, largest: Double) -> String {
        if value == 0 { return "0" }
        if largest >= 1e7 || largest < 1e-3 { return signed(shortExponent(String(format: "%.3g", value))) }
        guard step < 1 else {
            let isWhole = value == value.rounded()
            return isWhole ? count(Int(value)) : signed(String(format: "%.1f", value))
        }
        // 0.25 needs a digit more than its size says.
        var decimals = max(0, Int((-log10(step)).rounded(.up)))
        let scaled = step * pow(10, Double(decimals))
        if abs(scaled - scaled.rounded()) > 1e-6 { decimals += 1 }
        return signed(String(format: "%.\(min(decimals, 10))f", value))
    }

    /// 5e-5 for 5e-05
    private static func shortExponent(_ text: String) -> String {
        guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else {
            return text
        }
        return "\(text[..<mark])e\(exponent)"
    }

    private static func signed(_ text: String) -> String {
        text.hasPrefix("-") ? "−" + text.dropFirst() : text
    }
}
