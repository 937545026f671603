/// Which text of a pair is cut when both together are too long; as `truncation_strategy` of `tokenizers`.
public enum TruncationStrategy: String, Sendable, Hashable, CaseIterable, Codable {
    /// The longer one down to the length of the shorter, then both alike.
    case longestFirst = "longest_first"
    /// Only the first.
    case onlyFirst = "only_first"
    /// Only the second.
    case onlySecond = "only_second"
}

extension TruncationStrategy {
    /// How many tokens of each text stay when `room` tokens may, as `tokenizers` divides them.
    ///
    /// - Parameters:
    ///   - first: the number of tokens of the first text.
    ///   - second: the number of tokens of the second text, nil when there is none.
    ///   - room: the maximum length less the special tokens, not negative.
    /// - Throws: ``TokenizerError`` when cutting the chosen text alone is not enough, or there is no such text.
    func lengths(first: Int, second: Int?, room: Int) throws -> (first: Int, second: Int?) {
        let excess = first + (second ?? 0) - room
        if excess <= 0 { return (first, second) }
        // With room for nothing, every strategy gives nothing.
        if room == 0 { return (0, second.map { _ in 0 }) }
        switch (self, second) {
        case (.longestFirst, nil):
            return (room, nil)
        case (.longestFirst, let second?):
            let shorter = min(first, second)
            if 2 * shorter <= room {
                return first <= second ? (first, room - first) : (room - second, second)
            }
            // Both are cut; the token that an odd room leaves over goes to the longer one.
            let half = room / 2
            return first <= second ? (half, room - half) : (room - half, half)
        case (.onlyFirst, _):
            return (try Self.cut(first, by: excess, name: "first"), second)
        case (.onlySecond, let second?):
            return (first, try Self.cut(second, by: excess, name: "second"))
        case (.onlySecond, nil):
            throw TokenizerError.missingPair
        }
    }

    private static func cut(_ count: Int, by excess: Int, name: String) throws -> Int {
        guard count > excess else {
            throw TokenizerError.textTooShort(name: name, tokens: count, excess: excess)
        }
        return count - excess
    }
}
