/// Suggestions for a mistyped module name, or any other.
package enum NearestNames {
    /// The up to three distinct module names, or last parts of module names, nearest to `name`.
    package static func of(_ name: String, among modules: [String]) -> [String] {
        let depth = name.split(separator: ".").count
        let endings = modules.map { $0.split(separator: ".").suffix(depth).joined(separator: ".") }
        var seen: Set<String> = []
        let distinct = endings.filter { Int($0) == nil && seen.insert($0).inserted }
        return distinct.map { (distance(Array(name.utf8), Array($0.utf8)), $0) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .prefix(3)
            .map(\.1)
    }

    /// The number of insertions, deletions and substitutions between two strings (Levenshtein).
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let substituted = diagonal + (x == y ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
