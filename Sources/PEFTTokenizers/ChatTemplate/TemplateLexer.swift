/// Cuts a template into tokens, with white space around tags as `transformers` sets it: a newline behind a block
/// vanishes (`trim_blocks`), and so do blanks before a block that begins a line (`lstrip_blocks`).
struct TemplateLexer {
    private let source: [Unicode.Scalar]
    private let name: String
    private var position = 0
    private var line = 1
    private var tokens: [TemplateToken] = []
    /// Whether the text that follows begins a line, as far as stripping goes.
    private var isAtLineStart = true

    private enum Tag { case output, block, comment }

    /// - Parameters:
    ///   - source: the template.
    ///   - name: what errors call it.
    init(_ source: String, name: String) {
        var scalars: [Unicode.Scalar] = []
        for scalar in source.unicodeScalars {
            if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
            scalars.append(scalar)
        }
        self.source = scalars.map { $0 == "\r" ? "\n" : $0 }.dropLastNewline()
        self.name = name
    }

    /// All tokens, the end among them.
    ///
    /// - Throws: ``ChatTemplateError`` for a character no expression has, or a tag that isn't closed.
    mutating func tokenize() throws -> [TemplateToken] {
        while let tag = takeText() {
            if try takeRaw(tag) { continue }
            position += 2
            if peek() == "-" || peek() == "+" { position += 1 }
            switch tag {
            case .comment: try takeComment()
            case .output: try takeExpression(.outputBegin, end: .outputEnd, "}}")
            case .block: try takeExpression(.blockBegin, end: .blockEnd, "%}")
            }
        }
        tokens.append(TemplateToken(kind: .end, line: line))
        return tokens
    }

    private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < source.count ? source[position + offset] : nil
    }

    private func follows(_ text: String, at offset: Int = 0) -> Bool {
        source[min(position + offset, source.count)...].starts(with: text.unicodeScalars)
    }

    private mutating func advance(by count: Int = 1) {
        for scalar in source[position..<position + count] where scalar == "\n" { line += 1 }
        position += count
    }

    private func error(_ problem: String) -> ChatTemplateError {
        ChatTemplateError(name: name, line: line, problem: problem)
    }

    /// Takes the text before the next tag, and says which tag that is; nil at the end.
    private mutating func takeText() -> Tag? {
        var end = position
        var tag: Tag?
        while tag == nil, end < source.count {
            if source[end] == "{", end + 1 < source.count {
                switch source[end + 1] {
                case "{": tag = .output
                case "%": tag = .block
                case "#": tag = .comment
                default: break
                }
            }
            if tag == nil { end += 1 }
        }
        let sign = end + 2 < source.count ? source[end + 2] : nil
        appendText(before: end, sign: tag == nil ? "+" : sign, isBlock: tag != .output)
        return tag
    }

    /// Appends the text up to `end` without the white space that the tag there takes.
    private mutating func appendText(before end: Int, sign: Unicode.Scalar?, isBlock: Bool) {
        var text = source[position..<end]
        if sign == "-" {
            while text.last?.isPythonWhitespace == true { text.removeLast() }
        } else if sign != "+", isBlock {
            let lineStart = text.lastIndex(of: "\n").map { $0 + 1 } ?? (isAtLineStart ? text.startIndex : text.endIndex)
            if text[lineStart...].allSatisfy(\.isPythonWhitespace) { text = text[..<lineStart] }
        }
        if !text.isEmpty { tokens.append(TemplateToken(kind: .text(String(scalars: text)), line: line)) }
        advance(by: end - position)
        isAtLineStart = false
    }

    /// Takes what closes a tag and the white space it takes with it, if that is what follows.
    private mutating func takeEnd(_ end: String, trimsNewline: Bool) -> Bool {
        let start = position
        if follows("-" + end) {
            advance(by: 1 + end.unicodeScalars.count)
            while peek()?.isPythonWhitespace == true { advance() }
        } else if trimsNewline, follows("+" + end) {
            advance(by: 1 + end.unicodeScalars.count)
        } else if follows(end) {
            advance(by: end.unicodeScalars.count)
            if trimsNewline, peek() == "\n" { advance() }
        } else {
            return false
        }
        isAtLineStart = position > start && source[position - 1] == "\n"
        return true
    }

    private mutating func takeComment() throws {
        let start = line
        while !takeEnd("#}", trimsNewline: true) {
            if position == source.count {
                throw ChatTemplateError(name: name, line: start, problem: "the comment is not closed; expected '#}'")
            }
            advance()
        }
    }

    /// Takes a raw block whole, if one begins here.
    private mutating func takeRaw(_ tag: Tag) throws -> Bool {
        guard tag == .block, var probe = rawTag("raw", from: position) else { return false }
        if probe.stripsBehind {
            while probe.end < source.count, source[probe.end].isPythonWhitespace { probe.end += 1 }
        }
        advance(by: probe.end - position)
        isAtLineStart = source[position - 1] == "\n"
        var end = position
        while end < source.count {
            if source[end] == "{", let closing = rawTag("endraw", from: end) {
                appendText(before: end, sign: source[end + 2], isBlock: true)
                // What closes the tag is taken as from any other block.
                advance(by: closing.end - (closing.stripsBehind ? 3 : 2) - position)
                _ = takeEnd("%}", trimsNewline: true)
                return true
            }
            end += 1
        }
        throw error("the raw block is not closed; expected 'endraw'")
    }

    /// Where the tag `{% word %}` that may begin at `start` ends.
    private func rawTag(_ word: String, from start: Int) -> (end: Int, stripsBehind: Bool)? {
        var index = start + 2
        guard source[min(start, source.count)...].starts(with: "{%".unicodeScalars) else { return nil }
        func skipSpace() { while index < source.count, source[index].isPythonWhitespace { index += 1 } }
        if index < source.count, source[index] == "-" || source[index] == "+" { index += 1 }
        skipSpace()
        guard source[index...].starts(with: word.unicodeScalars) else { return nil }
        index += word.unicodeScalars.count
        skipSpace()
        let strips = index < source.count && source[index] == "-"
        if strips { index += 1 }
        guard source[index...].starts(with: "%}".unicodeScalars) else { return nil }
        return (index + 2, strips)
    }

    /// Takes the tokens of a tag up to its end.
    private mutating func takeExpression(
        _ begin: TemplateToken.Kind,
        end: TemplateToken.Kind,
        _ closing: String
    ) throws {
        let start = line
        tokens.append(TemplateToken(kind: begin, line: line))
        // A closing brace inside brackets is none of the tag's.
        var brackets: [Unicode.Scalar] = []
        while true {
            let tokenLine = line
            if brackets.isEmpty, takeEnd(closing, trimsNewline: end == .blockEnd) {
                tokens.append(TemplateToken(kind: end, line: tokenLine))
                return
            }
            guard let scalar = peek() else {
                throw ChatTemplateError(
                    name: name,
                    line: start,
                    problem: "the tag is not closed; expected '\(closing)'"
                )
            }
            if scalar.isPythonWhitespace {
                advance()
            } else if scalar.isASCIIDigit {
                tokens.append(TemplateToken(kind: try takeNumber(), line: tokenLine))
            } else if scalar.beginsName {
                tokens.append(TemplateToken(kind: takeName(), line: tokenLine))
            } else if scalar == "'" || scalar == "\"" {
                tokens.append(TemplateToken(kind: .string(try takeString(quote: scalar)), line: tokenLine))
            } else {
                tokens.append(TemplateToken(kind: try takeSymbol(&brackets), line: tokenLine))
            }
        }
    }

    private mutating func takeName() -> TemplateToken.Kind {
        let start = position
        while peek()?.continuesName == true { position += 1 }
        return .name(String(scalars: source[start..<position]))
    }

    private mutating func takeNumber() throws -> TemplateToken.Kind {
        let start = position
        func takeDigits(_ lexer: inout TemplateLexer) {
            while let scalar = lexer.peek(), scalar.isASCIIDigit || scalar == "_" { lexer.position += 1 }
        }
        takeDigits(&self)
        var isFloat = false
        // Behind a dot a number is a place in a list, as in `pairs.0.1`.
        let isPlace = tokens.last?.kind == .symbol(".")
        if !isPlace, peek() == ".", peek(1)?.isASCIIDigit == true {
            isFloat = true
            position += 1
            takeDigits(&self)
        }
        let signed = peek(1) == "+" || peek(1) == "-"
        if !isPlace, peek() == "e" || peek() == "E", peek(signed ? 2 : 1)?.isASCIIDigit == true {
            isFloat = true
            position += signed ? 2 : 1
            takeDigits(&self)
        }
        let text = String(scalars: source[start..<position].filter { $0 != "_" }[...])
        if isFloat, let value = Double(text) { return .float(value) }
        if !isFloat, let value = Int(text) { return .integer(value) }
        throw error("the number \(text) is too large")
    }

    private static let pairs = ["**", "//", "==", "!=", ">=", "<="]
    private static let singles: Set<Unicode.Scalar> = Set("+-*/%~[](){}<>=.:|,;".unicodeScalars)
    private static let closing: [Unicode.Scalar: Unicode.Scalar] = ["(": ")", "[": "]", "{": "}"]

    private mutating func takeSymbol(_ brackets: inout [Unicode.Scalar]) throws -> TemplateToken.Kind {
        if let pair = Self.pairs.first(where: { follows($0) }) {
            position += 2
            return .symbol(pair)
        }
        guard let scalar = peek(), Self.singles.contains(scalar) else {
            throw error("unexpected character '\(peek().map { String($0) } ?? "")' in an expression")
        }
        if let closing = Self.closing[scalar] {
            brackets.append(closing)
        } else if Self.closing.values.contains(scalar) {
            guard let expected = brackets.popLast() else { throw error("unexpected '\(scalar)'") }
            guard expected == scalar else { throw error("unexpected '\(scalar)'; expected '\(expected)'") }
        }
        position += 1
        return .symbol(String(scalar))
    }

    /// Takes a string with Python's escapes.
    private mutating func takeString(quote: Unicode.Scalar) throws -> String {
        let start = line
        var text = String.UnicodeScalarView()
        advance()
        while let scalar = peek(), scalar != quote {
            advance()
            if scalar != "\\" {
                text.append(scalar)
            } else if let escaped = peek() {
                advance()
                try appendEscaped(escaped, to: &text)
            }
        }
        guard peek() == quote else {
            throw ChatTemplateError(name: name, line: start, problem: "the string is not closed; expected \(quote)")
        }
        advance()
        return String(text)
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}",
        "v": "\u{B}",
    ]

    private mutating func appendEscaped(_ escaped: Unicode.Scalar, to text: inout String.UnicodeScalarView) throws {
        if escaped == "\n" { return }
        if let scalar = Self.escapes[escaped] { return text.append(scalar) }
        var digits = ""
        var radix = 16
        let lengths: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
        if let length = lengths[escaped] {
            while digits.count < length, let digit = peek(), digit.properties.isASCIIHexDigit {
                digits.unicodeScalars.append(digit)
                position += 1
            }
            guard digits.count == length else { throw error("\\\(escaped) needs \(length) hexadecimal digits") }
        } else if ("0"..."7").contains(escaped) {
            radix = 8
            digits.unicodeScalars.append(escaped)
            while digits.count < 3, let digit = peek(), ("0"..."7").contains(digit) {
                digits.unicodeScalars.append(digit)
                position += 1
            }
        } else {
            // An escape of nothing is both of its characters.
            text.append("\\")
            return text.append(escaped)
        }
        guard let value = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(value) else {
            throw error("\\\(escaped)\(digits) is no character")
        }
        text.append(scalar)
    }
}

extension String {
    /// The text of some characters.
    init(scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}

extension [Unicode.Scalar] {
    /// Without the newline at the end, if there is one.
    fileprivate func dropLastNewline() -> [Unicode.Scalar] { last == "\n" ? dropLast() : self }
}
