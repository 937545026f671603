import Foundation

/// Fills in a template: walks its nodes with the values of names at hand.
struct TemplateInterpreter {
    /// How a body ended.
    private enum Flow { case finished, broken, continued }

    /// The present time, for `strftime_now`.
    let now: Date

    private let name: String
    /// The line of the node in work.
    private var line = 1
    private var output = ""
    /// The values of names, the innermost last; the first are those of the whole template.
    private var scopes: [[String: TemplateValue]]
    private var namespaces: [TemplateDictionary] = []
    private var callDepth = 0

    private static let maximumCallDepth = 100
    static let functions: Set<String> = ["range", "dict", "namespace", "raise_exception", "strftime_now"]

    /// - Parameters:
    ///   - name: what errors call the template.
    ///   - values: the values of the template's names.
    init(name: String, values: [String: TemplateValue], now: Date) {
        self.name = name
        self.now = now
        scopes = [values]
    }

    /// The text of a template.
    ///
    /// - Throws: ``ChatTemplateError`` for an operation on values that have no such thing.
    mutating func render(_ nodes: [TemplateNode]) throws -> String {
        _ = try run(nodes)
        return output
    }

    func error(_ problem: String, isRefusal: Bool = false) -> ChatTemplateError {
        ChatTemplateError(name: name, line: line, problem: problem, isRefusal: isRefusal)
    }

    /// The value of a name.
    func value(of name: String) -> TemplateValue {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        return Self.functions.contains(name) ? .function(name) : .undefined("'\(name)'")
    }

    /// The values of a namespace.
    func namespace(_ number: Int) -> TemplateDictionary { namespaces[number] }

    /// Makes a namespace.
    mutating func makeNamespace(_ values: TemplateDictionary) -> TemplateValue {
        namespaces.append(values)
        return .namespace(namespaces.count - 1)
    }

    /// Calls a macro.
    mutating func call(
        _ macro: TemplateMacro,
        _ positional: [TemplateValue],
        _ named: TemplateDictionary
    ) throws -> TemplateValue {
        guard positional.count <= macro.parameters.count else {
            throw error("the macro '\(macro.name)' takes \(macro.parameters.count) arguments, not \(positional.count)")
        }
        guard callDepth < Self.maximumCallDepth else {
            throw error("the macro '\(macro.name)' calls itself more than \(Self.maximumCallDepth) times")
        }
        let (outer, outerOutput, outerLine) = (scopes, output, line)
        scopes = [outer[0], [:]]
        output = ""
        callDepth += 1
        defer {
            // A macro changes nothing around it.
            scopes = outer
            output = outerOutput
            line = outerLine
            callDepth -= 1
        }
        for (index, parameter) in macro.parameters.enumerated() {
            let given = index < positional.count ? positional[index] : named[parameter.name]
            scopes[1][parameter.name] =
                try given ?? parameter.standard.map { try evaluate($0) } ?? .undefined("'\(parameter.name)'")
        }
        _ = try run(macro.body)
        return .string(output)
    }

    private mutating func run(_ nodes: [TemplateNode]) throws -> Flow {
        for node in nodes {
            let flow = try run(node)
            if flow != .finished { return flow }
        }
        return .finished
    }

    private mutating func run(_ node: TemplateNode) throws -> Flow {
        switch node {
        case .text(let text): output += text
        case .output(let expression, let line):
            self.line = line
            output += try evaluate(expression).text
        case .conditions(let branches, let otherwise):
            for branch in branches {
                line = branch.line
                if try evaluate(branch.test).isTrue { return try run(branch.body) }
            }
            return try run(otherwise)
        case .loop(let loop): return try run(loop)
        case .assignment(let target, let expression, let line):
            self.line = line
            try assign(try evaluate(expression), to: target)
        case .capture(let target, let body, let line):
            let outer = output
            output = ""
            scopes.append([:])
            let flow = try run(body)
            scopes.removeLast()
            let text = output
            output = outer
            self.line = line
            try assign(.string(text), to: target)
            return flow
        case .macro(let macro, let line):
            self.line = line
            scopes[scopes.count - 1][macro.name] = .macro(macro)
        case .group(let body): return try run(body)
        case .breaking: return .broken
        case .continuing: return .continued
        }
        return .finished
    }

    private mutating func run(_ loop: TemplateLoopNode) throws -> Flow {
        line = loop.line
        let iterated = try evaluate(loop.items)
        var items = try elements(of: iterated)
        scopes.append([:])
        defer { scopes.removeLast() }
        let scope = scopes.count - 1
        if let test = loop.test {
            items = try items.filter { item in
                scopes[scope] = [:]
                try assign(item, to: loop.target)
                return try evaluate(test).isTrue
            }
        }
        if items.isEmpty {
            scopes[scope] = [:]
            return try run(loop.otherwise)
        }
        for (index, item) in items.enumerated() {
            line = loop.line
            scopes[scope] = ["loop": .loop(TemplateLoop(items: items, index: index))]
            try assign(item, to: loop.target)
            if try run(loop.body) == .broken { break }
        }
        return .finished
    }

    private mutating func assign(_ value: TemplateValue, to target: TemplateTarget) throws {
        let scope = scopes.count - 1
        switch target {
        case .name(let name): scopes[scope][name] = value
        case .names(let names):
            let values = try elements(of: value)
            guard values.count == names.count else {
                throw error("\(values.count) values cannot be assigned to \(names.count) names")
            }
            for (name, value) in zip(names, values) { scopes[scope][name] = value }
        case .attribute(let object, let name):
            guard case .namespace(let number) = self.value(of: object) else {
                throw error("'\(object)' is \(self.value(of: object).kind); only a namespace can be assigned to")
            }
            namespaces[number][name] = value
        }
    }
}
