/// A regular expression over module names, as `peft` uses them.
///
/// Invariant for `@unchecked Sendable`: `Regex` is an immutable program; it is compiled once and only ever read.
struct ModulePattern: @unchecked Sendable {
    private let whole: Regex<AnyRegexOutput>
    private let ending: Regex<AnyRegexOutput>

    /// - Throws: ``TargetError/invalidPattern(_:reason:)`` when `source` is no regular expression.
    init(_ source: String) throws(TargetError) {
        do {
            whole = try Regex(source)
            ending = try Regex("(.*\\.)?(\(source))")
        } catch {
            throw .invalidPattern(source, reason: "\(error)")
        }
    }

    /// The pattern that only `name` matches, at whichever end it is looked for.
    static func exactly(_ name: String) -> String {
        "^" + name.map { #"\.^$|?*+()[]{}"#.contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    /// As Python's `re.fullmatch`.
    func matchesWhole(_ module: String) -> Bool {
        module.wholeMatch(of: whole) != nil
    }

    /// As `re.match(rf"(.*\.)?({pattern})$")`: the pattern matches the name or what follows one of its dots; `^` stands
    /// for the start of the name and not for that of a part.
    func matchesEnd(_ module: String) -> Bool {
        module.wholeMatch(of: ending) != nil
    }
}
