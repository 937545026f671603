/// Expressions by Jinja's grammar, the loosest binding first.
extension TemplateParser {
    /// An expression, or several with commas between them as a list.
    mutating func parseTuple(allowsConditional: Bool = true) throws -> TemplateExpression {
        let first = try parseExpression(allowsConditional: allowsConditional)
        guard case .symbol(",") = current.kind else { return first }
        var elements = [first]
        while skip(symbol: ",") {
            switch current.kind {
            case .outputEnd, .blockEnd, .symbol(")"): return .list(elements)
            default: elements.append(try parseExpression(allowsConditional: allowsConditional))
            }
        }
        return .list(elements)
    }

    mutating func parseExpression(allowsConditional: Bool = true) throws -> TemplateExpression {
        try nested { parser in
            var value = try parser.parseOr()
            while allowsConditional, parser.skip(word: "if") {
                let test = try parser.parseOr()
                let otherwise = parser.skip(word: "else") ? try parser.parseExpression() : nil
                value = .conditional(test: test, value: value, otherwise: otherwise)
            }
            return value
        }
    }

    private mutating func parseOr() throws -> TemplateExpression {
        var left = try parseAnd()
        while skip(word: "or") { left = .or(left, try parseAnd()) }
        return left
    }

    private mutating func parseAnd() throws -> TemplateExpression {
        var left = try parseNot()
        while skip(word: "and") { left = .and(left, try parseNot()) }
        return left
    }

    private mutating func parseNot() throws -> TemplateExpression {
        if skip(word: "not") { return .negation(try nested { try $0.parseNot() }) }
        return try parseComparison()
    }

    private mutating func parseComparison() throws -> TemplateExpression {
        let first = try parseSum()
        var operands: [(operation: String, operand: TemplateExpression)] = []
        while let operation = skipComparison() { operands.append((operation, try parseSum())) }
        return operands.isEmpty ? first : .comparison(first, operands)
    }

    private mutating func skipComparison() -> String? {
        switch current.kind {
        case .symbol(let symbol) where ["==", "!=", "<", "<=", ">", ">="].contains(symbol):
            advance()
            return symbol
        case .name("in"):
            advance()
            return "in"
        case .name("not") where lookAhead().kind == .name("in"):
            advance()
            advance()
            return "not in"
        default:
            return nil
        }
    }

    private mutating func parseSum() throws -> TemplateExpression {
        var left = try parseConcatenation()
        while case .symbol(let symbol) = current.kind, symbol == "+" || symbol == "-" {
            advance()
            left = .arithmetic(symbol, left, try parseConcatenation())
        }
        return left
    }

    private mutating func parseConcatenation() throws -> TemplateExpression {
        var parts = [try parseProduct()]
        while skip(symbol: "~") { parts.append(try parseProduct()) }
        return parts.count == 1 ? parts[0] : .concatenation(parts)
    }

    private mutating func parseProduct() throws -> TemplateExpression {
        var left = try parsePower()
        while case .symbol(let symbol) = current.kind, ["*", "/", "//", "%"].contains(symbol) {
            advance()
            left = .arithmetic(symbol, left, try parsePower())
        }
        return left
    }

    private mutating func parsePower() throws -> TemplateExpression {
        var left = try parseUnary()
        while skip(symbol: "**") { left = .arithmetic("**", left, try parseUnary()) }
        return left
    }

    private mutating func parseUnary(withFilters: Bool = true) throws -> TemplateExpression {
        var value: TemplateExpression
        if skip(symbol: "-") {
            value = .minus(try nested { try $0.parseUnary(withFilters: false) })
        } else if skip(symbol: "+") {
            value = try nested { try $0.parseUnary(withFilters: false) }
        } else {
            value = try parsePrimary()
        }
        value = try parsePostfix(value)
        return withFilters ? try parseFilters(value) : value
    }

    private mutating func parsePrimary() throws -> TemplateExpression {
        let token = current
        advance()
        switch token.kind {
        case .name("true"), .name("True"): return .boolean(true)
        case .name("false"), .name("False"): return .boolean(false)
        case .name("none"), .name("None"): return .none
        case .name(let name): return .name(name)
        case .integer(let value): return .integer(value)
        case .float(let value): return .float(value)
        case .string(var text):
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return .string(text)
        case .symbol("("):
            if skip(symbol: ")") { return .list([]) }
            let value = try parseTuple()
            try expect(symbol: ")")
            return value
        case .symbol("["): return .list(try parseElements(until: "]") { try $0.parseExpression() })
        case .symbol("{"):
            return .dictionary(
                try parseElements(until: "}") { parser in
                    let key = try parser.parseExpression()
                    try parser.expect(symbol: ":")
                    return (key, try parser.parseExpression())
                }
            )
        default:
            throw error("unexpected \(token.described); expected an expression", line: token.line)
        }
    }

    /// Elements with commas between them, maybe one behind the last, up to a symbol, which is taken.
    private mutating func parseElements<Element>(
        until end: String,
        _ parse: (inout TemplateParser) throws -> Element
    ) throws -> [Element] {
        var elements: [Element] = []
        while !skip(symbol: end) {
            if !elements.isEmpty {
                try expect(symbol: ",")
                if skip(symbol: end) { break }
            }
            elements.append(try parse(&self))
        }
        return elements
    }

    private mutating func parsePostfix(_ value: TemplateExpression) throws -> TemplateExpression {
        var value = value
        while case .symbol(let symbol) = current.kind {
            switch symbol {
            case ".":
                advance()
                if case .integer(let index) = current.kind {
                    advance()
                    value = .item(value, .integer(index))
                } else {
                    value = .attribute(value, try expectName())
                }
            case "[":
                advance()
                value = try parseSubscript(of: value)
                try expect(symbol: "]")
            case "(": value = .call(value, try parseArguments())
            default: return value
            }
        }
        return value
    }

    private mutating func parseSubscript(of value: TemplateExpression) throws -> TemplateExpression {
        func isNext(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }
        let from = isNext(":") ? nil : try parseExpression()
        guard skip(symbol: ":") else {
            guard let from else { throw unexpected("an expression") }
            return .item(value, from)
        }
        let to = isNext(":") || isNext("]") ? nil : try parseExpression()
        let step = skip(symbol: ":") && !isNext("]") ? try parseExpression() : nil
        return .slice(value, from: from, to: to, step: step)
    }

    private mutating func parseArguments() throws -> TemplateArguments {
        try expect(symbol: "(")
        var arguments = TemplateArguments()
        _ = try parseElements(until: ")") { parser in
            if case .symbol(let symbol) = parser.current.kind, symbol == "*" || symbol == "**" {
                throw parser.error("arguments by '\(symbol)' are not supported; write them one by one")
            }
            if case .name(let name) = parser.current.kind, parser.lookAhead().kind == .symbol("=") {
                parser.advance()
                parser.advance()
                arguments.named.append((name, try parser.parseExpression()))
            } else if arguments.named.isEmpty {
                arguments.positional.append(try parser.parseExpression())
            } else {
                throw parser.error("an argument without a name follows one with a name")
            }
        }
        return arguments
    }

    private mutating func parseFilters(_ value: TemplateExpression) throws -> TemplateExpression {
        var value = value
        while true {
            if skip(symbol: "|") {
                let name = try expectName()
                value = .filter(value, name, try parseOptionalArguments())
            } else if skip(word: "is") {
                value = try parseTest(of: value)
            } else if current.kind == .symbol("(") {
                value = .call(value, try parseArguments())
            } else {
                return value
            }
        }
    }

    private mutating func parseOptionalArguments() throws -> TemplateArguments {
        current.kind == .symbol("(") ? try parseArguments() : TemplateArguments()
    }

    private mutating func parseTest(of value: TemplateExpression) throws -> TemplateExpression {
        let isNegated = skip(word: "not")
        let name = try expectName()
        var arguments = TemplateArguments()
        switch current.kind {
        case .symbol("("): arguments = try parseArguments()
        case .name("else"), .name("or"), .name("and"): break
        case .name("is"): throw error("tests cannot follow each other; use 'and'")
        case .name, .string, .integer, .float, .symbol("["), .symbol("{"):
            let primary = try parsePrimary()
            arguments.positional = [try parsePostfix(primary)]
        default: break
        }
        let test = TemplateExpression.test(value, name, arguments)
        return isNegated ? .negation(test) : test
    }
}
