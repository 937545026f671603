import ArgumentParser
import PEFTKit

/// Values that are written as text in one option: lists, patterns, names of modules.
enum OptionText {
    /// Module names, `all-linear` or a regular expression.
    static func targets(_ text: String, option: String) throws -> ModuleSelection.Targets {
        if text == "all-linear" { return .allLinear }
        if let pattern = text.regex { return .pattern(pattern) }
        return .names(try names(text, option: option))
    }

    /// Module names or a regular expression.
    static func exclusions(_ text: String, option: String) throws -> ModuleSelection.Exclusions {
        if let pattern = text.regex { return .pattern(pattern) }
        return .names(try names(text, option: option))
    }

    /// Names separated by commas.
    static func names(_ text: String, option: String) throws -> [String] {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed }
        guard names.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("--\(option) \"\(text)\" has an empty name; separate names by single commas")
        }
        return names
    }

    /// Numbers from 0 on, separated by commas.
    static func numbers(_ text: String, option: String) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let number = Int(part.trimmed), number >= 0 else {
                throw ValidationError("--\(option) \"\(text)\" must be numbers from 0 on, separated by commas")
            }
            return number
        }
    }

    /// A pattern and the number for the modules it matches.
    static func pattern<Value>(
        _ text: String,
        option: String,
        _ parse: (String) -> Value?
    ) throws -> LoRA.PatternValue<Value> {
        guard let equals = text.lastIndex(of: "="), let value = parse(String(text[text.index(after: equals)...])) else {
            throw ValidationError("--\(option) \"\(text)\" must be a pattern and a number, as in query=4")
        }
        return LoRA.PatternValue(String(text[..<equals]), value)
    }

    /// What a name stands for.
    static func choice<Value>(_ text: String, option: String, _ choices: KeyValuePairs<String, Value>) throws -> Value {
        if let choice = choices.first(where: { $0.key == text }) { return choice.value }
        throw ValidationError("--\(option) must be \(alternatives(choices.map(\.key))), not \(text)")
    }

    /// "a", "a or b", "a, b or c".
    static func alternatives(_ names: [String]) -> String {
        guard names.count > 1, let last = names.last else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { split(separator: " ").joined(separator: " ") }

    /// What follows `regex:`.
    var regex: String? { hasPrefix("regex:") ? String(dropFirst(6)) : nil }
}
