/// A regular expression over module names, as `peft` uses them.
///
/// Invariant for `@unchecked Sendable`: `Regex` is an immutable program; it is compiled once and only ever read.
struct ModulePattern: @unchecked Sendable {
    let source: String
    private let regex: Regex<AnyRegexOutput>

    init(_ source: String) throws {
        self.source = source
        do {
            regex = try Regex(source)
        } catch {
            throw TargetError.invalidPattern(source, reason: "\(error)")
        }
    }

    /// As Python's `re.fullmatch`.
    func matchesWhole(_ module: String) -> Bool {
        module.wholeMatch(of: regex) != nil
    }

    /// As `re.match(rf"(.*\.)?({pattern})$")`: the pattern matches the name or what follows one of its dots.
    func matchesEnd(_ module: String) -> Bool {
        if matchesWhole(module) { return true }
        return module.indices.contains {
            module[$0] == "." && module[module.index(after: $0)...].wholeMatch(of: regex) != nil
        }
    }
}
