import Foundation

extension Int {
    /// 22,713,986
    var grouped: String {
        var digits = Array(String(magnitude))
        for position in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: position) }
        return (self < 0 ? "-" : "") + String(digits)
    }

    /// "1 step", "2,000 steps"
    func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }

    /// As a size: 512 B, 36.9 kB, 90.9 MB
    var bytesText: String {
        var value = Double(self)
        var units = ["B", "kB", "MB", "GB", "TB"][...]
        // 999.95 would be rounded to 1000.0.
        while value >= 999.95, units.count > 1 {
            value /= 1000
            units.removeFirst()
        }
        return self < 1000 ? "\(self) B" : String(format: "%.1f ", value) + (units.first ?? "")
    }
}
