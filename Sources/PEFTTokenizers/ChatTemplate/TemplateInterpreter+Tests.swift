extension TemplateInterpreter {
    /// Whether a test holds.
    func test(_ name: String, _ value: TemplateValue, _ arguments: [TemplateValue]) throws -> Bool {
        if let holds = Self.isOfKind(name, value) { return holds }
        if let operation = Self.comparisons[name] {
            guard let other = arguments.first else { throw error("the test '\(name)' needs a value to compare with") }
            return try compare(operation, value, other)
        }
        guard ["odd", "even", "divisibleby"].contains(name) else { throw error("the test '\(name)' is not supported") }
        guard let integer = value.integer else { throw error("the test '\(name)' needs an integer, not \(value.kind)") }
        if name != "divisibleby" { return integer.isMultiple(of: 2) == (name == "even") }
        guard let divisor = arguments.first?.integer, divisor != 0 else {
            throw error("the test 'divisibleby' needs a divisor that is not 0")
        }
        return integer.isMultiple(of: divisor)
    }

    private static let comparisons = [
        "eq": "==", "equalto": "==", "==": "==", "ne": "!=", "!=": "!=", "lt": "<", "lessthan": "<", "le": "<=",
        "gt": ">", "greaterthan": ">", "ge": ">=", "in": "in",
    ]

    /// Whether a value is of the kind that a test names; nil for other tests.
    private static func isOfKind(_ name: String, _ value: TemplateValue) -> Bool? {
        switch name {
        case "defined": if case .undefined = value { false } else { true }
        case "undefined": if case .undefined = value { true } else { false }
        case "none": if case .none = value { true } else { false }
        case "boolean": if case .boolean = value { true } else { false }
        case "true": if case .boolean(true) = value { true } else { false }
        case "false": if case .boolean(false) = value { true } else { false }
        case "integer": if case .integer = value { true } else { false }
        case "float": if case .float = value { true } else { false }
        case "number": value.number != nil
        case "string": if case .string = value { true } else { false }
        case "mapping": if case .dictionary = value { true } else { false }
        case "sequence", "iterable":
            switch value {
            case .list, .string, .dictionary, .undefined: true
            default: false
            }
        case "callable":
            switch value {
            case .macro, .function, .method: true
            default: false
            }
        default: nil
        }
    }
}
