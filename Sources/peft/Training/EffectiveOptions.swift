import ArgumentParser
import PEFTFormats

/// Every option of a parsed command with the value it has, given or by default, under its name on the command line.
enum EffectiveOptions {
    /// - Parameter left: groups of options that say nothing about the result.
    static func json(of command: some ParsableArguments, without left: [any ParsableArguments.Type]) -> JSONObject {
        var options = JSONObject()
        collect(command, into: &options, without: left)
        return options
    }

    private static func collect(
        _ arguments: Any,
        into options: inout JSONObject,
        without left: [any ParsableArguments.Type]
    ) {
        guard !left.contains(where: { $0 == type(of: arguments) }) else { return }
        for child in Mirror(reflecting: arguments).children {
            guard let label = child.label, label.hasPrefix("_") else { continue }
            switch child.value {
            case let group as any OptionGroupValue: collect(group.arguments, into: &options, without: left)
            case let option as any OptionValue:
                if let value = json(option.value) { options[name(of: label)] = value }
            default: break
            }
        }
    }

    /// The names of options that may be given several times, each time with one value.
    static func repeatable(_ command: any ParsableArguments.Type) -> Set<String> {
        Mirror(reflecting: command.init()).children.reduce(into: []) { names, child in
            switch child.value {
            case let group as any OptionGroupValue: names.formUnion(repeatable(type(of: group).type))
            case let option as any OptionValue where type(of: option).isRepeatable:
                if let label = child.label { names.insert(name(of: label)) }
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
        case let values as [Any]: values.isEmpty ? nil : .array(values.compactMap(json))
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
    static var type: any ParsableArguments.Type { get }
}

private protocol OptionValue {
    var value: Any { get }
    static var isRepeatable: Bool { get }
}

private protocol ListValue {}

extension Array: ListValue {}

private protocol OptionalValue {
    var wrapped: Any? { get }
}

extension OptionGroup: OptionGroupValue {
    fileprivate var arguments: Any { wrappedValue }
    fileprivate static var type: any ParsableArguments.Type { Value.self }
}

extension Option: OptionValue {
    fileprivate var value: Any { wrappedValue }
    fileprivate static var isRepeatable: Bool { Value.self is any ListValue.Type }
}

extension Flag: OptionValue {
    fileprivate var value: Any { wrappedValue }
    fileprivate static var isRepeatable: Bool { false }
}

extension Optional: OptionalValue {
    fileprivate var wrapped: Any? { map { $0 } }
}
