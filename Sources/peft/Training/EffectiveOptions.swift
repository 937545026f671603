import ArgumentParser
import PEFTFormats

/// Every option of a parsed command with the value it has, given or by default, under its name on the command line.
enum EffectiveOptions {
    /// - Parameter left: names of options that say nothing about the result.
    static func json(of command: some ParsableArguments, without left: Set<String>) -> JSONObject {
        var options = JSONObject()
        collect(command, into: &options)
        return JSONObject(options.filter { !left.contains($0.key) }.map { ($0.key, $0.value) })
    }

    private static func collect(_ arguments: Any, into options: inout JSONObject) {
        for child in Mirror(reflecting: arguments).children {
            guard let label = child.label, label.hasPrefix("_") else { continue }
            switch child.value {
            case let group as any OptionGroupValue: collect(group.arguments, into: &options)
            case let option as any OptionValue:
                if let value = json(option.value) { options[name(of: label)] = value }
            default: break
            }
        }
    }

    /// nil for an option without a value.
    private static func json(_ value: Any) -> JSONValue? {
        switch value {
        case let value as Bool: .bool(value)
        case let value as Int: JSONValue(value)
        case let value as UInt64: .number(JSONNumber(value))
        case let value as Double: JSONValue(value)
        case let value as String: .string(value)
        case let value as any RawRepresentable: json(value.rawValue)
        case let value as any OptionalValue: value.wrapped.flatMap(json)
        case let values as [Any]: .array(values.compactMap(json))
        default: .string("\(value)")
        }
    }

    /// `_learningRate` → `learning-rate`
    private static func name(of label: String) -> String {
        label.dropFirst().reduce(into: "") { name, character in
            if character.isUppercase { name += "-" }
            name += character.lowercased()
        }
    }
}

private protocol OptionGroupValue {
    var arguments: Any { get }
}

private protocol OptionValue {
    var value: Any { get }
}

private protocol OptionalValue {
    var wrapped: Any? { get }
}

extension OptionGroup: OptionGroupValue {
    fileprivate var arguments: Any { wrappedValue }
}

extension Option: OptionValue {
    fileprivate var value: Any { wrappedValue }
}

extension Flag: OptionValue {
    fileprivate var value: Any { wrappedValue }
}

extension Optional: OptionalValue {
    fileprivate var wrapped: Any? { map { $0 } }
}
