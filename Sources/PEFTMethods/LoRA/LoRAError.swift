/// A LoRA recipe that makes no sense.
public enum LoRAError: Error, CustomStringConvertible {
    /// A rank below 1 or above 65,536.
    case rank(Int)
    /// An α that is zero or not finite.
    case alpha(Double)
    /// A probability outside [0, 1).
    case dropout(Double)
    /// Patterns for ranks or alphas that match no module, each with the nearest real names.
    case patternsMatchNothing([(value: String, pattern: String, nearest: [String])])

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .rank(let rank): "LoRA's rank must be from 1 to 65536, not \(rank)"
        case .alpha(let alpha): "LoRA's alpha must be a finite number other than 0, not \(alpha)"
        case .dropout(let dropout): "LoRA's dropout must be at least 0 and below 1, not \(dropout)"
        case .patternsMatchNothing(let patterns):
            patterns.map {
                "\($0.value) pattern \"\($0.pattern)\" matches the end of no module's name; the nearest are "
                    + $0.nearest.quotedList
            }
            .joined(separator: "; ")
        }
    }
}
