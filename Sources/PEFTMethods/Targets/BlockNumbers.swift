/// Reads the number of a module's block from the module's name, as `peft` does.
struct BlockNumbers {
    private let patterns: [Regex<AnyRegexOutput>]

    /// - Parameter lists: regular expressions for the name of the list that blocks are numbered in; any list when empty.
    /// - Throws: ``TargetError/invalidPattern(_:reason:)``.
    init(lists: [String]) throws(TargetError) {
        guard !lists.isEmpty else {
            // The first number in the name that is not in its first two parts nor the last.
            patterns = [try Self.pattern(#".*?\.[^.]*"#)]
            return
        }
        var patterns: [Regex<AnyRegexOutput>] = []
        for list in lists { patterns.append(try Self.pattern(#"(?:.*?\.)?(?:\#(list))"#, source: list)) }
        self.patterns = patterns
    }

    /// The number of the block that `module` is in; nil outside the blocks.
    func number(in module: String) -> Int? {
        let match = patterns.lazy.compactMap { module.prefixMatch(of: $0) }.first
        return match?["number"]?.substring.flatMap { Int($0) }
    }

    private static func pattern(_ list: String, source: String? = nil) throws(TargetError) -> Regex<AnyRegexOutput> {
        do {
            return try Regex(list + #"\.(?<number>[0-9]+)\."#)
        } catch {
            throw .invalidPattern(source ?? list, reason: "\(error)")
        }
    }
}
