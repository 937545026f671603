/// Watches a text that grows for strings that end it.
///
/// A stop string may begin in the middle of a token and end in another: what could be its beginning is held back until it is
/// known to be none.
package struct StopStrings: Sendable {
    private let strings: [[UInt8]]
    /// What is held back.
    private var pending: [UInt8] = []
    /// The string that ended the text.
    package private(set) var found: String?

    /// - Precondition: no string is empty.
    package init(_ strings: [String]) {
        precondition(strings.allSatisfy { !$0.isEmpty }, "a stop string has at least one character")
        self.strings = strings.map { Array($0.utf8) }
    }

    /// What is certain of the text after `piece`; once a stop string was found, nothing more.
    package mutating func append(_ piece: String) -> String {
        guard found == nil else { return "" }
        pending += Array(piece.utf8)
        if let end = firstStop() {
            defer { pending = [] }
            return String(decoding: pending[..<end], as: UTF8.self)
        }
        let held = longestBeginning()
        defer { pending.removeFirst(pending.count - held) }
        return String(decoding: pending.dropLast(held), as: UTF8.self)
    }

    /// What was held back, at the end of the text.
    package mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Where the first stop string begins; of several there, the first in the list counts.
    private mutating func firstStop() -> Int? {
        for start in pending.indices {
            if let string = strings.first(where: { pending[start...].starts(with: $0) }) {
                found = String(decoding: string, as: UTF8.self)
                return start
            }
        }
        return nil
    }

    /// How many of the last bytes could be the beginning of a stop string.
    private func longestBeginning() -> Int {
        let longest = min(pending.count, (strings.map(\.count).max() ?? 0) - 1)
        guard longest > 0 else { return 0 }
        for count in stride(from: longest, to: 0, by: -1) {
            let end = pending.suffix(count)
            if strings.contains(where: { $0.count > count && $0.starts(with: end) }) { return count }
        }
        return 0
    }
}
