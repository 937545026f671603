import PEFTFormats

extension TemplateInterpreter {
    /// What a filter makes of a value.
    mutating func filter(
        _ name: String,
        _ value: TemplateValue,
        _ positional: [TemplateValue],
        _ named: TemplateDictionary
    ) throws -> TemplateValue {
        func argument(_ index: Int, _ name: String) -> TemplateValue? {
            index < positional.count ? positional[index] : named[name]
        }
        func optionalText(_ value: TemplateValue?) -> PythonText? { value.map { PythonText($0.text) } }
        let text = PythonText(value.text)
        switch name {
        case "trim": return .string(text.stripped(optionalText(argument(0, "chars"))).string)
        case "upper": return .string(text.uppercased.string)
        case "lower": return .string(text.lowercased.string)
        case "title": return .string(text.titled.string)
        case "capitalize": return .string(text.capitalized.string)
        case "string", "safe": return .string(value.text)
        case "default", "d":
            let standard = argument(0, "default_value") ?? .string("")
            if case .undefined = value { return standard }
            return argument(1, "boolean")?.isTrue == true && !value.isTrue ? standard : value
        case "tojson": return try json(value, argument)
        case "replace":
            let (old, new) = (optionalText(argument(0, "old")), optionalText(argument(1, "new")))
            guard let old, let new else { throw error("'replace' needs what to replace and by what") }
            return .string(text.replacing(old, by: new, limit: argument(2, "count")?.integer ?? -1).string)
        case "indent": return .string(indented(text, argument))
        case "int": return .integer(integer(value) ?? argument(0, "default")?.integer ?? 0)
        case "float": return .float(value.number ?? Double(value.text) ?? argument(0, "default")?.number ?? 0)
        case "abs":
            guard let number = value.number else { throw error("'abs' needs a number, not \(value.kind)") }
            return value.integer.map { .integer(abs($0)) } ?? .float(abs(number))
        default: return try filterElements(name, value, positional, argument)
        }
    }

    /// Filters of what has elements.
    private mutating func filterElements(
        _ name: String,
        _ value: TemplateValue,
        _ positional: [TemplateValue],
        _ argument: (Int, String) -> TemplateValue?
    ) throws -> TemplateValue {
        switch name {
        case "length", "count": return .integer(try elements(of: value).count)
        case "list": return .list(try elements(of: value))
        case "first": return try elements(of: value).first ?? .undefined("the first element of nothing")
        case "last": return try elements(of: value).last ?? .undefined("the last element of nothing")
        case "reverse":
            if case .string(let text) = value { return .string(String(scalars: text.unicodeScalars.reversed())) }
            return .list(try elements(of: value).reversed())
        case "items":
            if case .undefined = value { return .list([]) }
            guard case .dictionary(let dictionary) = value else {
                throw error("'items' needs a mapping, not \(value.kind)")
            }
            return .list(dictionary.items)
        case "dictsort":
            guard case .dictionary(let dictionary) = value else {
                throw error("'dictsort' needs a mapping, not \(value.kind)")
            }
            let pairs = zip(dictionary.keys, dictionary.values).map { ($0.lowercased(), $0, $1) }
            return .list(pairs.sorted { $0.0.precedesByBytes($1.0) }.map { .list([.string($0.1), $0.2]) })
        case "join":
            var parts = try elements(of: value)
            if let attribute = argument(1, "attribute") { parts = try parts.map { try path(attribute, of: $0) } }
            return .string(parts.map(\.text).joined(separator: argument(0, "d")?.text ?? ""))
        case "unique":
            var kept: [TemplateValue] = []
            for element in try elements(of: value) where !kept.contains(where: { $0.equals(element) }) {
                kept.append(element)
            }
            return .list(kept)
        case "map": return .list(try map(try elements(of: value), positional, argument))
        case "select", "reject": return .list(try select(value, positional, keeps: name == "select"))
        case "selectattr", "rejectattr":
            return .list(try select(value, positional, keeps: name == "selectattr", byAttribute: true))
        default:
            throw error("the filter '\(name)' is not supported")
        }
    }

    private mutating func map(
        _ elements: [TemplateValue],
        _ positional: [TemplateValue],
        _ argument: (Int, String) -> TemplateValue?
    ) throws -> [TemplateValue] {
        // A place behind all arguments: the attribute only comes by its name.
        if let attribute = argument(.max, "attribute") {
            return try elements.map { element in
                let value = try path(attribute, of: element)
                guard case .undefined = value, let standard = argument(.max, "default") else { return value }
                return standard
            }
        }
        let name = try string(positional.first, "map")
        return try elements.map { try filter(name, $0, Array(positional.dropFirst()), TemplateDictionary()) }
    }

    /// The elements for which a test holds or doesn't; without one, those that count as true.
    private mutating func select(
        _ value: TemplateValue,
        _ positional: [TemplateValue],
        keeps: Bool,
        byAttribute: Bool = false
    ) throws -> [TemplateValue] {
        var arguments = positional
        var attribute: TemplateValue?
        if byAttribute {
            guard let first = arguments.first else { throw error("a filter by an attribute needs its name") }
            attribute = first
            arguments.removeFirst()
        }
        let testName = try arguments.first.map { try string($0, "select") }
        return try elements(of: value).filter { element in
            let tested = try attribute.map { try path($0, of: element) } ?? element
            let holds = try testName.map { try test($0, tested, Array(arguments.dropFirst())) } ?? tested.isTrue
            return holds == keeps
        }
    }

    /// The value at the end of a path such as `function.name`.
    private func path(_ path: TemplateValue, of value: TemplateValue) throws -> TemplateValue {
        if path.integer != nil { return try item(path, of: value) }
        return try PythonText(try string(path, "attribute")).split(by: PythonText("."), limit: -1).reduce(value) {
            try item(Int($1.string).map { .integer($0) } ?? .string($1.string), of: $0)
        }
    }

    private func integer(_ value: TemplateValue) -> Int? {
        if let integer = value.integer { return integer }
        if let number = value.number { return Int(exactly: number.rounded(.towardZero)) }
        let text = PythonText(value.text).stripped(nil).string
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0.rounded(.towardZero)) }
    }

    private func json(
        _ value: TemplateValue,
        _ argument: (Int, String) -> TemplateValue?
    ) throws -> TemplateValue {
        var options = TemplateJSON()
        options.escapesNonASCII = argument(0, "ensure_ascii")?.isTrue ?? false
        options.indent = argument(1, "indent")?.integer
        options.sortsKeys = argument(3, "sort_keys")?.isTrue ?? false
        if options.indent != nil { options.itemSeparator = "," }
        if case .list(let separators)? = argument(2, "separators"), separators.count == 2 {
            options.itemSeparator = separators[0].text
            options.keySeparator = separators[1].text
        }
        guard let text = options.text(of: value) else { throw error("\(value.kind) cannot be written as JSON") }
        return .string(text)
    }

    private func indented(_ text: PythonText, _ argument: (Int, String) -> TemplateValue?) -> String {
        let width = argument(0, "width")
        let indent = width?.integer.map { String(repeating: " ", count: $0) } ?? width?.text ?? "    "
        let indentsFirst = argument(1, "first")?.isTrue ?? false
        let indentsBlank = argument(2, "blank")?.isTrue ?? false
        let lines = text.split(by: PythonText("\n"), limit: -1).map(\.string)
        let indented = lines.enumerated().map { index, line in
            let isIndented = index == 0 ? indentsFirst : indentsBlank || !line.isEmpty
            return isIndented ? indent + line : line
        }
        return indented.joined(separator: "\n")
    }
}
