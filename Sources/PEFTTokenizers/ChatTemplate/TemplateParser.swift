/// Reads the statements of a template; expressions are in an extension.
struct TemplateParser {
    private let tokens: [TemplateToken]
    private let name: String
    private var position = 0
    /// How deep the present place is nested; a bound, so that no template exhausts the stack.
    private var depth = 0
    private static let maximumDepth = 200

    /// - Parameters:
    ///   - source: the template.
    ///   - name: what errors call it.
    /// - Throws: ``ChatTemplateError`` for a source that cannot be cut into tokens.
    init(_ source: String, name: String) throws {
        var lexer = TemplateLexer(source, name: name)
        tokens = try lexer.tokenize()
        self.name = name
    }

    /// The whole template.
    ///
    /// - Throws: ``ChatTemplateError`` for a statement or an expression that is not understood.
    mutating func parse() throws -> [TemplateNode] {
        let nodes = try parseNodes(until: [])
        guard current.kind == .end else { throw unexpected() }
        return nodes
    }

    var current: TemplateToken { tokens[position] }

    func lookAhead() -> TemplateToken { tokens[min(position + 1, tokens.count - 1)] }

    mutating func advance() { position = min(position + 1, tokens.count - 1) }

    func error(_ problem: String, line: Int? = nil) -> ChatTemplateError {
        ChatTemplateError(name: name, line: line ?? current.line, problem: problem)
    }

    func unexpected(_ expected: String? = nil) -> ChatTemplateError {
        error("unexpected \(current.described)" + (expected.map { "; expected \($0)" } ?? ""))
    }

    /// Takes a symbol if it is next.
    mutating func skip(symbol: String) -> Bool { skip(.symbol(symbol)) }

    /// Takes a word if it is next.
    mutating func skip(word: String) -> Bool { skip(.name(word)) }

    private mutating func skip(_ kind: TemplateToken.Kind) -> Bool {
        if current.kind != kind { return false }
        advance()
        return true
    }

    mutating func expect(symbol: String) throws {
        guard skip(symbol: symbol) else { throw unexpected("'\(symbol)'") }
    }

    mutating func expectName() throws -> String {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        advance()
        return name
    }

    /// Runs `body` one level deeper.
    mutating func nested<Result>(_ body: (inout TemplateParser) throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth)") }
        return try body(&self)
    }

    /// The nodes up to a block that begins with one of `words`, whose `{%` is taken, or to the end of the template.
    private mutating func parseNodes(until words: [String]) throws -> [TemplateNode] {
        var nodes: [TemplateNode] = []
        while true {
            switch current.kind {
            case .text(let text):
                nodes.append(.text(text))
                advance()
            case .outputBegin:
                let line = current.line
                advance()
                nodes.append(.output(try parseTuple(), line: line))
                guard skip(.outputEnd) else { throw unexpected("'}}'") }
            case .blockBegin:
                if case .name(let word) = lookAhead().kind, words.contains(word) {
                    advance()
                    return nodes
                }
                advance()
                nodes.append(try nested { try $0.parseStatement() })
                try expectBlockEnd()
            default:
                return nodes
            }
        }
    }

    private mutating func expectBlockEnd() throws {
        guard skip(.blockEnd) else { throw unexpected("'%}'") }
    }

    /// The body of a statement, whose `%}` is next, up to one of `ends`, and which of them it was; that is taken.
    private mutating func parseBody(_ ends: String...) throws -> (nodes: [TemplateNode], end: String) {
        let line = current.line
        _ = skip(symbol: ":")
        try expectBlockEnd()
        let nodes = try parseNodes(until: ends)
        guard case .name(let end) = current.kind else {
            let expected = ends.map { "'\($0)'" }.joined(separator: ", ")
            throw error("the block that begins here is not closed; expected one of \(expected)", line: line)
        }
        advance()
        return (nodes, end)
    }

    private mutating func parseStatement() throws -> TemplateNode {
        let line = current.line
        switch try expectName() {
        case "for": return try parseLoop(line)
        case "if": return try parseConditions()
        case "set": return try parseSet(line)
        case "macro": return try parseMacro(line)
        // What an assistant says, marked for training; as text it is what it says.
        case "generation": return .group(try parseBody("endgeneration").nodes)
        case "break": return .breaking
        case "continue": return .continuing
        case let word:
            throw error(
                "the statement '\(word)' is not supported; supported: for, if, set, macro, generation, break, continue",
                line: line
            )
        }
    }

    private mutating func parseLoop(_ line: Int) throws -> TemplateNode {
        let target = try parseTarget()
        guard skip(word: "in") else { throw unexpected("'in'") }
        let items = try parseTuple(allowsConditional: false)
        let test = skip(word: "if") ? try parseExpression() : nil
        if case .name("recursive") = current.kind { throw error("a recursive loop is not supported; use a macro") }
        let (body, end) = try parseBody("else", "endfor")
        let otherwise = end == "else" ? try parseBody("endfor").nodes : []
        return .loop(
            TemplateLoopNode(
                target: target,
                items: items,
                test: test,
                body: body,
                otherwise: otherwise,
                line: line
            )
        )
    }

    private mutating func parseConditions() throws -> TemplateNode {
        var branches: [(test: TemplateExpression, line: Int, body: [TemplateNode])] = []
        while true {
            let line = current.line
            let test = try parseTuple(allowsConditional: false)
            let (body, end) = try parseBody("elif", "else", "endif")
            branches.append((test, line, body))
            switch end {
            case "elif": continue
            case "else": return .conditions(branches, otherwise: try parseBody("endif").nodes)
            default: return .conditions(branches, otherwise: [])
            }
        }
    }

    private mutating func parseSet(_ line: Int) throws -> TemplateNode {
        let target = try parseTarget(allowsAttribute: true)
        if skip(symbol: "=") { return .assignment(target, try parseTuple(), line: line) }
        return .capture(target, try parseBody("endset").nodes, line: line)
    }

    private mutating func parseMacro(_ line: Int) throws -> TemplateNode {
        let name = try expectName()
        var parameters: [(name: String, standard: TemplateExpression?)] = []
        try expect(symbol: "(")
        while !skip(symbol: ")") {
            if !parameters.isEmpty { try expect(symbol: ",") }
            let parameter = try expectName()
            parameters.append((parameter, skip(symbol: "=") ? try parseExpression() : nil))
        }
        let body = try parseBody("endmacro").nodes
        return .macro(TemplateMacro(name: name, parameters: parameters, body: body), line: line)
    }

    private mutating func parseTarget(allowsAttribute: Bool = false) throws -> TemplateTarget {
        let isParenthesised = skip(symbol: "(")
        var names = [try expectName()]
        if allowsAttribute, skip(symbol: ".") { return .attribute(names[0], try expectName()) }
        var isTuple = false
        while skip(symbol: ",") {
            isTuple = true
            if case .name(let word) = current.kind, word != "in" { names.append(try expectName()) }
        }
        if isParenthesised { try expect(symbol: ")") }
        return isTuple ? .names(names) : .name(names[0])
    }
}
