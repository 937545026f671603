import PEFTFormats

extension TemplateInterpreter {
    /// The value of an expression.
    mutating func evaluate(_ expression: TemplateExpression) throws -> TemplateValue {
        switch expression {
        case .none: return .none
        case .boolean(let flag): return .boolean(flag)
        case .integer(let value): return .integer(value)
        case .float(let value): return .float(value)
        case .string(let text): return .string(text)
        case .name(let name): return value(of: name)
        case .list(let elements): return .list(try elements.map { try evaluate($0) })
        case .dictionary(let members): return .dictionary(try evaluate(members))
        case .attribute(let object, let name):
            let value = try evaluate(object)
            return try attribute(name, of: value)
        case .item(let object, let key):
            let value = try evaluate(object)
            let place = try evaluate(key)
            return try item(place, of: value)
        case .slice(let object, let from, let to, let step):
            let value = try evaluate(object)
            let bounds = try [from, to, step].map { bound in try bound.map { try evaluate($0) } }
            return try slice(value, from: bounds[0], to: bounds[1], step: bounds[2])
        case .call(let function, let arguments):
            let callee = try evaluate(callee: function)
            let (positional, named) = try evaluate(arguments)
            return try call(callee, positional, named)
        case .filter(let value, let name, let arguments):
            let value = try evaluate(value)
            let (positional, named) = try evaluate(arguments)
            return try filter(name, value, positional, named)
        case .test(let value, let name, let arguments):
            let value = try evaluate(value)
            let positional = try evaluate(arguments).positional
            return .boolean(try test(name, value, positional))
        case .negation(let value): return .boolean(!(try evaluate(value).isTrue))
        case .minus(let value):
            let value = try evaluate(value)
            return try arithmetic("-", .integer(0), value)
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .comparison(let first, let operands): return .boolean(try compare(first, operands))
        case .arithmetic(let operation, let left, let right):
            let left = try evaluate(left)
            let right = try evaluate(right)
            return try arithmetic(operation, left, right)
        case .concatenation(let parts): return .string(try parts.map { try evaluate($0).text }.joined())
        case .conditional(let test, let value, let otherwise):
            if try evaluate(test).isTrue { return try evaluate(value) }
            return try otherwise.map { try evaluate($0) } ?? .undefined("the value of an 'if' without 'else'")
        }
    }

    /// What is called: of `object.name`, where object has both, the method and not the value.
    private mutating func evaluate(callee: TemplateExpression) throws -> TemplateValue {
        guard case .attribute(let object, let name) = callee else { return try evaluate(callee) }
        let value = try evaluate(object)
        if Self.methods(of: value).contains(name) { return .method(value, name) }
        return try attribute(name, of: value)
    }

    private mutating func evaluate(
        _ members: [(key: TemplateExpression, value: TemplateExpression)]
    ) throws -> TemplateDictionary {
        var dictionary = TemplateDictionary()
        for (key, value) in members {
            let name = try evaluate(key)
            guard case .string(let text) = name else { throw error("\(name.kind) cannot be the key of a mapping") }
            dictionary[text] = try evaluate(value)
        }
        return dictionary
    }

    private mutating func evaluate(
        _ arguments: TemplateArguments
    ) throws -> (positional: [TemplateValue], named: TemplateDictionary) {
        let positional = try arguments.positional.map { try evaluate($0) }
        var named = TemplateDictionary()
        for (name, value) in arguments.named { named[name] = try evaluate(value) }
        return (positional, named)
    }

    private func attribute(_ name: String, of object: TemplateValue) throws -> TemplateValue {
        let found: TemplateValue? =
            switch object {
            case .undefined(let what): throw error("\(what) is undefined, and so has no '\(name)'")
            case .dictionary(let dictionary): dictionary[name]
            case .namespace(let number): namespace(number)[name]
            case .loop(let loop): loop.value(name)
            default: nil
            }
        if let found { return found }
        return Self.methods(of: object).contains(name)
            ? .method(object, name) : .undefined("'\(name)' of \(object.kind)")
    }

    /// The element or value of a key; undefined where there is none.
    func item(_ key: TemplateValue, of object: TemplateValue) throws -> TemplateValue {
        switch (object, key) {
        case (.list(let elements), _) where key.integer != nil:
            guard let index = place(key.integer ?? 0, elements.count) else {
                return .undefined("element \(key.text) of a list of \(elements.count)")
            }
            return elements[index]
        case (.string(let text), _) where key.integer != nil:
            let scalars = Array(text.unicodeScalars)
            guard let index = place(key.integer ?? 0, scalars.count) else {
                return .undefined("character \(key.text) of a string of \(scalars.count)")
            }
            return .string(String(scalars[index]))
        case (_, .string(let name)): return try attribute(name, of: object)
        case (.undefined(let what), _): throw error("\(what) is undefined, and so has no elements")
        default: return .undefined("element \(key.text) of \(object.kind)")
        }
    }

    /// A place that may be counted from the end; nil for one that there is not.
    private func place(_ index: Int, _ count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return (0..<count).contains(place) ? place : nil
    }

    private func slice(
        _ object: TemplateValue,
        from: TemplateValue?,
        to: TemplateValue?,
        step: TemplateValue?
    ) throws -> TemplateValue {
        func bound(_ value: TemplateValue?) throws -> Int? {
            guard let value else { return nil }
            if case .none = value { return nil }
            guard let integer = value.integer else { throw error("a slice goes by integers, not by \(value.kind)") }
            return integer
        }
        let step = try bound(step) ?? 1
        guard step != 0 else { throw error("the step of a slice cannot be 0") }
        let (from, to) = (try bound(from), try bound(to))
        func indices(_ count: Int) -> [Int] {
            // Python's rule: bounds count from the end if they are negative, and what is outside is cut off.
            func clamped(_ bound: Int) -> Int {
                let place = bound < 0 ? bound + count : bound
                return step > 0 ? min(max(place, 0), count) : min(max(place, -1), count - 1)
            }
            let first = from.map(clamped) ?? (step > 0 ? 0 : count - 1)
            let end = to.map(clamped) ?? (step > 0 ? count : -1)
            return Array(stride(from: first, to: end, by: step))
        }
        switch object {
        case .list(let elements): return .list(indices(elements.count).map { elements[$0] })
        case .string(let text):
            let scalars = Array(text.unicodeScalars)
            return .string(String(scalars: indices(scalars.count).map { scalars[$0] }))
        case .undefined(let what): throw error("\(what) is undefined, and so has no elements")
        default: throw error("\(object.kind) cannot be sliced; a list or a string can")
        }
    }

    private mutating func compare(
        _ first: TemplateExpression,
        _ operands: [(operation: String, operand: TemplateExpression)]
    ) throws -> Bool {
        var left = try evaluate(first)
        for (operation, operand) in operands {
            let right = try evaluate(operand)
            guard try compare(operation, left, right) else { return false }
            left = right
        }
        return true
    }

    /// Whether a comparison holds.
    func compare(_ operation: String, _ left: TemplateValue, _ right: TemplateValue) throws -> Bool {
        switch operation {
        case "==": return left.equals(right)
        case "!=": return !left.equals(right)
        case "in": return try contains(right, left)
        case "not in": return try !contains(right, left)
        default: break
        }
        let isLess: Bool
        let isEqual = left.equals(right)
        switch (left, right) {
        case (.string(let left), .string(let right)): isLess = left.precedesByBytes(right)
        default:
            guard let one = left.number, let other = right.number else {
                throw error("\(left.kind) and \(right.kind) have no order")
            }
            isLess = one < other
        }
        return switch operation {
        case "<": isLess
        case "<=": isLess || isEqual
        case ">": !isLess && !isEqual
        default: !isLess
        }
    }

    private func contains(_ container: TemplateValue, _ value: TemplateValue) throws -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = value else { throw error("\(value.kind) cannot be in a string") }
            return PythonText(text).firstPlace(of: PythonText(part)) != nil
        case .dictionary(let dictionary):
            guard case .string(let key) = value else { return false }
            return dictionary[key] != nil
        default: return try elements(of: container).contains { $0.equals(value) }
        }
    }

    /// The elements that a loop goes through.
    func elements(of value: TemplateValue) throws -> [TemplateValue] {
        switch value {
        case .undefined: return []
        case .list(let elements): return elements
        case .dictionary(let dictionary): return dictionary.keys.map { .string($0) }
        case .string(let text): return text.unicodeScalars.map { .string(String($0)) }
        default: throw error("\(value.kind) has no elements; a list, a mapping or a string has")
        }
    }

    private func arithmetic(_ operation: String, _ left: TemplateValue, _ right: TemplateValue) throws -> TemplateValue
    {
        for value in [left, right] {
            if case .undefined(let what) = value { throw error("\(what) is undefined; it cannot be calculated with") }
        }
        switch (operation, left, right) {
        case ("+", .string(let left), .string(let right)): return .string(left + right)
        case ("+", .list(let left), .list(let right)): return .list(left + right)
        case ("*", .string(let text), _) where right.integer != nil:
            return .string(String(repeating: text, count: max(0, min(right.integer ?? 0, 100_000))))
        default: break
        }
        guard let one = left.number, let other = right.number else {
            throw error("'\(operation)' is not defined for \(left.kind) and \(right.kind)")
        }
        let dividesByZero = other == 0 && ["/", "//", "%"].contains(operation)
        if dividesByZero { throw error("division by zero") }
        if operation != "/", let one = left.integer, let other = right.integer {
            if let result = Self.integers(operation, one, other) { return .integer(result) }
        }
        return switch operation {
        case "+": .float(one + other)
        case "-": .float(one - other)
        case "*": .float(one * other)
        case "/": .float(one / other)
        case "//": .float((one / other).rounded(.down))
        case "%": .float(one - (one / other).rounded(.down) * other)
        default: .float(Self.power(one, other))
        }
    }

    private static func power(_ base: Double, _ exponent: Double) -> Double {
        // Whole exponents are all that templates have.
        let product = (0..<Int(min(exponent.magnitude, 1024))).reduce(1.0) { product, _ in product * base }
        return exponent < 0 ? 1 / product : product
    }

    /// The result of integers; nil where it is none, or too large for one.
    private static func integers(_ operation: String, _ left: Int, _ right: Int) -> Int? {
        func exact(_ result: (partialValue: Int, overflow: Bool)) -> Int? {
            result.overflow ? nil : result.partialValue
        }
        switch operation {
        case "+": return exact(left.addingReportingOverflow(right))
        case "-": return exact(left.subtractingReportingOverflow(right))
        case "*": return exact(left.multipliedReportingOverflow(by: right))
        case "//", "%":
            // Python rounds down, and a remainder has the divisor's sign.
            guard let quotient = exact(left.dividedReportingOverflow(by: right)) else { return nil }
            let remainder = left - quotient * right
            let isBelow = remainder != 0 && (remainder < 0) != (right < 0)
            if operation == "//" { return isBelow ? quotient - 1 : quotient }
            return isBelow ? remainder + right : remainder
        default:
            guard (0...64).contains(right) else { return nil }
            var product: Int? = 1
            for _ in 0..<right { product = product.flatMap { exact($0.multipliedReportingOverflow(by: left)) } }
            return product
        }
    }
}
