import Foundation
import PEFTMethods

extension Int {
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
