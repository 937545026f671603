import ArgumentParser

/// An amount of memory as people write it: `2GB`, `500MB`, `1.5GiB`, or a number of bytes.
struct ByteCount: ExpressibleByArgument, CustomStringConvertible {
    let bytes: Int
    /// As it was given.
    let description: String

    private static let units: [(name: String, size: Double)] = [
        ("KIB", 0x1p10), ("MIB", 0x1p20), ("GIB", 0x1p30), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1),
    ]

    /// nil for anything but a number above 0 with one of the units, and for less than a byte.
    init?(argument: String) {
        let text = argument.uppercased()
        guard let unit = Self.units.first(where: { text.hasSuffix($0.name) }),
            let number = Double(text.dropLast(unit.name.count).filter { $0 != " " }),
            let bytes = Int(exactly: (number * unit.size).rounded()), bytes >= 1
        else { return nil }
        self.bytes = bytes
        description = argument
    }
}
