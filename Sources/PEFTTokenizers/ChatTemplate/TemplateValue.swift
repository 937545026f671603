import PEFTFormats

/// A value while a template is filled in.
enum TemplateValue: Sendable {
    /// What there is not, and what was asked for.
    case undefined(String)
    case none
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case list([TemplateValue])
    case dictionary(TemplateDictionary)
    /// The number of a namespace, whose values the interpreter has.
    case namespace(Int)
    case loop(TemplateLoop)
    case macro(TemplateMacro)
    /// A function of Jinja or `transformers`.
    case function(String)
    /// A method of a value.
    indirect case method(TemplateValue, String)

    init(_ json: JSONValue) {
        self =
            switch json {
            case .null: .none
            case .bool(let flag): .boolean(flag)
            case .number(let number): number.int.map(Self.integer) ?? .float(number.double ?? .infinity)
            case .string(let text): .string(text)
            case .array(let elements): .list(elements.map(Self.init))
            case .object(let object): .dictionary(TemplateDictionary(object.map { ($0.key, Self($0.value)) }))
            }
    }

    /// Whether it counts as true.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .boolean(let flag): flag
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let elements): !elements.isEmpty
        case .dictionary(let dictionary): !dictionary.keys.isEmpty
        case .namespace, .loop, .macro, .function, .method: true
        }
    }

    /// What kind of value it is, for messages.
    var kind: String {
        switch self {
        case .undefined: "an undefined value"
        case .none: "none"
        case .boolean: "a truth value"
        case .integer, .float: "a number"
        case .string: "a string"
        case .list: "a list"
        case .dictionary: "a mapping"
        case .namespace: "a namespace"
        case .loop: "a loop"
        case .macro, .function, .method: "a function"
        }
    }

    /// The number, where a truth value counts as 0 or 1.
    var number: Double? {
        switch self {
        case .boolean(let flag): flag ? 1 : 0
        case .integer(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// The integer, where a truth value counts as 0 or 1.
    var integer: Int? {
        switch self {
        case .boolean(let flag): flag ? 1 : 0
        case .integer(let value): value
        default: nil
        }
    }

    /// Whether two values are equal as Python compares them.
    func equals(_ other: TemplateValue) -> Bool {
        switch (self, other) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.string(let left), .string(let right)): return left.hasSameBytes(as: right)
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.equals($1) }
        case (.dictionary(let left), .dictionary(let right)):
            return left.keys.count == right.keys.count
                && left.keys.allSatisfy { key in
                    guard let one = left[key], let other = right[key] else { return false }
                    return one.equals(other)
                }
        case (.namespace(let left), .namespace(let right)): return left == right
        default:
            guard let left = number, let right = other.number else { return false }
            return left == right
        }
    }
}

/// Values by name, in the order they came in. Names are compared by their bytes.
struct TemplateDictionary: Sendable {
    private(set) var keys: [String] = []
    private(set) var values: [TemplateValue] = []

    init(_ members: [(String, TemplateValue)] = []) {
        for (key, value) in members { self[key] = value }
    }

    subscript(key: String) -> TemplateValue? {
        get { keys.firstIndex { $0.hasSameBytes(as: key) }.map { values[$0] } }
        set {
            guard let newValue else { return }
            if let place = keys.firstIndex(where: { $0.hasSameBytes(as: key) }) {
                values[place] = newValue
            } else {
                keys.append(key)
                values.append(newValue)
            }
        }
    }

    /// Each name with its value, as a list of two.
    var items: [TemplateValue] { zip(keys, values).map { .list([.string($0), $1]) } }
}

/// The state of a loop, as `loop` shows it.
struct TemplateLoop: Sendable {
    let items: [TemplateValue]
    let index: Int

    /// A value by its name.
    func value(_ name: String) -> TemplateValue? {
        switch name {
        case "index": .integer(index + 1)
        case "index0": .integer(index)
        case "revindex": .integer(items.count - index)
        case "revindex0": .integer(items.count - index - 1)
        case "first": .boolean(index == 0)
        case "last": .boolean(index == items.count - 1)
        case "length": .integer(items.count)
        // Only recursive loops go deeper, which there are none of.
        case "depth": .integer(1)
        case "depth0": .integer(0)
        case "previtem": index > 0 ? items[index - 1] : .undefined("loop.previtem")
        case "nextitem": index + 1 < items.count ? items[index + 1] : .undefined("loop.nextitem")
        default: nil
        }
    }
}
