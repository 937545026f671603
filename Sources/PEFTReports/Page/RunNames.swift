import Foundation

/// Names of folders that tell them apart.
enum RunNames {
    /// The last components of the paths, as many as it takes; the same folder given twice is numbered.
    static func distinct(_ folders: [URL]) -> [String] {
        let paths = folders.map { $0.standardizedFileURL.pathComponents.filter { $0 != "/" } }
        let longest = paths.map(\.count).max() ?? 0
        var names = paths.map { $0.last ?? "/" }
        var depth = 1
        while Set(names).count < Set(paths).count, depth < longest {
            depth += 1
            names = paths.map { $0.suffix(depth).joined(separator: "/") }
        }
        var seen: [String: Int] = [:]
        return names.map { name in
            let count = seen[name, default: 0] + 1
            seen[name] = count
            return count == 1 ? name : "\(name) (\(count))"
        }
    }

    /// A, B, …, Z, A2, B2, …: what stands at a run's line.
    static func letter(_ index: Int) -> String {
        let letter = String(Unicode.Scalar(UInt8(ascii: "A") + UInt8(index % 26)))
        return index < 26 ? letter : "\(letter)\(index / 26 + 1)"
    }
}

/// A table for a terminal.
enum TextTable {
    /// Rows of columns as wide as their widest cell, two spaces apart.
    static func text(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}
