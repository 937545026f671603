import PEFTFormats

/// Values of modules by patterns over the ends of their names: the first pattern that matches counts.
struct ModuleValues<Value: Codable & Sendable & Equatable> {
    private let entries: [(pattern: LoRA.PatternValue<Value>, regex: ModulePattern)]

    /// - Throws: ``TargetError/invalidPattern(_:reason:)`` for the first pattern that is no regular expression.
    init(_ patterns: [LoRA.PatternValue<Value>]) throws(TargetError) {
        var entries: [(LoRA.PatternValue<Value>, ModulePattern)] = []
        for pattern in patterns { entries.append((pattern, try ModulePattern(pattern.pattern))) }
        self.entries = entries
    }

    /// The value of a module; nil when no pattern matches it.
    subscript(module: String) -> Value? {
        entries.first { $0.regex.matchesEnd(module) }?.pattern.value
    }

    /// The patterns that match none of `modules`.
    func unmatched(in modules: [String]) -> [String] {
        entries.filter { entry in !modules.contains(where: entry.regex.matchesEnd) }.map(\.pattern.pattern)
    }

    /// Patterns that give `modules` the same values when they are read in the order of their sorted keys.
    ///
    /// `peft` takes the first match too, but in the order of a file whose keys it has sorted. Where that would be
    /// another match, each module is named by itself.
    func patternsForSortedKeys(for modules: [String]) throws(TargetError) -> [LoRA.PatternValue<Value>] {
        let patterns = entries.map(\.pattern)
        let distinct = Dictionary(
            patterns.map { (Array($0.pattern.utf8), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let sorted = distinct.values.sorted { $0.pattern.precedesByBytes($1.pattern) }
        let asSorted = try ModuleValues(sorted)
        guard modules.contains(where: { asSorted[$0] != self[$0] }) else { return sorted }
        return modules.compactMap { module in
            self[module].map { LoRA.PatternValue(ModulePattern.exactly(module), $0) }
        }
    }
}
