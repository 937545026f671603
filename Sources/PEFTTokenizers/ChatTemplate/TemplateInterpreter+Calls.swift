import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension TemplateInterpreter {
    private static let stringMethods: Set<String> = [
        "strip", "lstrip", "rstrip", "split", "splitlines", "startswith", "endswith", "replace", "title", "upper",
        "lower", "capitalize", "join", "find", "count", "removeprefix", "removesuffix", "isdigit",
    ]
    private static let dictionaryMethods: Set<String> = ["items", "keys", "values", "get"]

    /// The names of a value's methods.
    static func methods(of value: TemplateValue) -> Set<String> {
        switch value {
        case .string: stringMethods
        case .dictionary: dictionaryMethods
        case .loop: ["cycle"]
        default: []
        }
    }

    /// Calls what can be called.
    mutating func call(
        _ callee: TemplateValue,
        _ positional: [TemplateValue],
        _ named: TemplateDictionary
    ) throws -> TemplateValue {
        switch callee {
        case .macro(let macro): return try call(macro, positional, named)
        case .function(let name): return try call(function: name, positional, named)
        case .method(.string(let text), let name):
            return try call(name, of: PythonText(text), positional)
        case .method(.dictionary(let dictionary), let name): return try call(name, of: dictionary, positional)
        case .method(.loop(let loop), _):
            guard !positional.isEmpty else { throw error("'cycle' needs values") }
            return positional[loop.index % positional.count]
        case .undefined(let what): throw error("\(what) is undefined, and so cannot be called")
        default: throw error("\(callee.kind) cannot be called")
        }
    }

    private mutating func call(
        function: String,
        _ positional: [TemplateValue],
        _ named: TemplateDictionary
    ) throws -> TemplateValue {
        switch function {
        case "raise_exception": throw error(positional.first?.text ?? "", isRefusal: true)
        case "strftime_now": return .string(time(try string(positional.first, "strftime_now")))
        case "range":
            let bounds = try positional.map { value in
                guard let bound = value.integer else { throw error("'range' goes by integers, not by \(value.kind)") }
                return bound
            }
            guard (1...3).contains(bounds.count), bounds.count < 3 || bounds[2] != 0 else {
                throw error("'range' needs an end, or a beginning, an end and a step that is not 0")
            }
            let from = bounds.count > 1 ? bounds[0] : 0
            let values = stride(from: from, to: bounds[bounds.count > 1 ? 1 : 0], by: bounds.count > 2 ? bounds[2] : 1)
            let limited = values.prefix(100_001).map(TemplateValue.integer)
            guard limited.count <= 100_000 else { throw error("'range' is longer than 100000") }
            return .list(limited)
        default:
            var values = TemplateDictionary()
            if case .dictionary(let first)? = positional.first { values = first }
            for (name, value) in zip(named.keys, named.values) { values[name] = value }
            return function == "dict" ? .dictionary(values) : makeNamespace(values)
        }
    }

    /// The present time by a format of C's `strftime`.
    private func time(_ format: String) -> String {
        var seconds = time_t(now.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        localtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 512 + 16 * format.utf8.count)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A string that something needs.
    func string(_ value: TemplateValue?, _ what: String) throws -> String {
        guard case .string(let text)? = value else {
            throw error("'\(what)' needs a string, not \(value?.kind ?? "nothing")")
        }
        return text
    }

    private func call(
        _ name: String,
        of dictionary: TemplateDictionary,
        _ arguments: [TemplateValue]
    ) throws -> TemplateValue {
        switch name {
        case "items": return .list(dictionary.items)
        case "keys": return .list(dictionary.keys.map { .string($0) })
        case "values": return .list(dictionary.values)
        default: return dictionary[try string(arguments.first, name)] ?? (arguments.count > 1 ? arguments[1] : .none)
        }
    }

    private func call(_ name: String, of text: PythonText, _ arguments: [TemplateValue]) throws -> TemplateValue {
        func argument(_ index: Int) throws -> PythonText {
            PythonText(try string(index < arguments.count ? arguments[index] : nil, name))
        }
        /// A string that may be missing or none.
        func optional(_ index: Int) throws -> PythonText? {
            guard index < arguments.count else { return nil }
            if case .none = arguments[index] { return nil }
            return try argument(index)
        }
        /// The most times that something happens, negative for any number.
        func limit(_ index: Int) -> Int { index < arguments.count ? arguments[index].integer ?? -1 : -1 }
        func hasAffix(_ test: (PythonText) -> Bool) throws -> TemplateValue {
            guard case .list(let choices)? = arguments.first else { return .boolean(test(try argument(0))) }
            return .boolean(try choices.contains { test(PythonText(try string($0, name))) })
        }
        func wrapped(_ text: PythonText) -> TemplateValue { .string(text.string) }
        switch name {
        case "strip": return wrapped(text.stripped(try optional(0)))
        case "lstrip": return wrapped(text.stripped(try optional(0), right: false))
        case "rstrip": return wrapped(text.stripped(try optional(0), left: false))
        case "splitlines": return .list(text.lines.map(wrapped))
        case "split":
            guard let separator = try optional(0) else { return .list(text.words(limit: limit(1)).map(wrapped)) }
            guard !separator.scalars.isEmpty else { throw error("'split' needs a separator that is not empty") }
            return .list(text.split(by: separator, limit: limit(1)).map(wrapped))
        case "startswith": return try hasAffix { text.scalars.starts(with: $0.scalars) }
        case "endswith": return try hasAffix { text.scalars.reversed().starts(with: $0.scalars.reversed()) }
        case "removeprefix":
            let prefix = try argument(0).scalars
            return wrapped(text.scalars.starts(with: prefix) ? PythonText(text.scalars.dropFirst(prefix.count)) : text)
        case "removesuffix":
            let suffix = try argument(0).scalars
            let hasSuffix = text.scalars.reversed().starts(with: suffix.reversed())
            return wrapped(hasSuffix ? PythonText(text.scalars.dropLast(suffix.count)) : text)
        case "replace":
            return wrapped(text.replacing(try argument(0), by: try argument(1), limit: limit(2)))
        case "title": return wrapped(text.titlecased)
        case "upper": return wrapped(text.uppercased)
        case "lower": return wrapped(text.lowercased)
        case "capitalize": return wrapped(text.capitalized)
        case "find": return .integer(text.firstPlace(of: try argument(0)) ?? -1)
        case "count": return .integer(text.split(by: try argument(0), limit: -1).count - 1)
        case "isdigit":
            return .boolean(!text.scalars.isEmpty && text.scalars.allSatisfy { $0.properties.numericType != nil })
        default:
            let parts = try elements(of: arguments.first ?? .undefined("an argument")).map { try string($0, name) }
            return .string(parts.joined(separator: text.string))
        }
    }
}
