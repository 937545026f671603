import PEFTFormats

extension TemplateValue {
    /// The value as text, as Python's `str` writes it.
    var text: String {
        switch self {
        case .undefined: ""
        case .string(let text): text
        default: representation
        }
    }

    /// The value as Python's `repr` writes it.
    private var representation: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "None"
        case .boolean(let flag): flag ? "True" : "False"
        case .integer(let value): String(value)
        case .float(let value): Self.text(of: value)
        case .string(let text): Self.quoted(text)
        case .list(let elements): "[" + elements.map(\.representation).joined(separator: ", ") + "]"
        case .dictionary(let dictionary):
            "{"
                + zip(dictionary.keys, dictionary.values).map { Self.quoted($0) + ": " + $1.representation }
                .joined(separator: ", ") + "}"
        case .namespace: "<Namespace>"
        case .loop: "<LoopContext>"
        case .macro(let macro): "<Macro '\(macro.name)'>"
        case .function(let name), .method(_, let name): "<function \(name)>"
        }
    }

    private static func text(of value: Double) -> String {
        if value.isNaN { return "nan" }
        return JSONNumber(value)?.text ?? (value < 0 ? "-inf" : "inf")
    }

    private static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var output = String.UnicodeScalarView([quote])
        for scalar in scalars {
            switch scalar {
            case quote, "\\":
                output.append("\\")
                output.append(scalar)
            case "\n": output.append(contentsOf: "\\n".unicodeScalars)
            case "\r": output.append(contentsOf: "\\r".unicodeScalars)
            case "\t": output.append(contentsOf: "\\t".unicodeScalars)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                output.append(contentsOf: ("\\x" + (digits.count < 2 ? "0" : "") + digits).unicodeScalars)
            default: output.append(scalar)
            }
        }
        output.append(quote)
        return String(output)
    }
}

/// How a value is written as JSON, by the options of Python's `json.dumps`.
struct TemplateJSON {
    /// Spaces per level, nil for one line.
    var indent: Int?
    var itemSeparator = ", "
    var keySeparator = ": "
    var sortsKeys = false
    var escapesNonASCII = false

    /// The value as JSON, nil where there is something in it that JSON doesn't have.
    func text(of value: TemplateValue, depth: Int = 0) -> String? {
        switch value {
        case .none: return "null"
        case .boolean(let flag): return flag ? "true" : "false"
        case .integer, .float: return value.text
        case .string(let text): return quoted(text)
        case .list(let elements):
            let items = elements.compactMap { self.text(of: $0, depth: depth + 1) }
            return items.count == elements.count ? enclosed("[", items, "]", depth: depth) : nil
        case .dictionary(let dictionary):
            var members = Array(zip(dictionary.keys, dictionary.values))
            if sortsKeys { members.sort { $0.0.precedesByBytes($1.0) } }
            let items = members.compactMap { key, value in
                self.text(of: value, depth: depth + 1).map { quoted(key) + keySeparator + $0 }
            }
            return items.count == members.count ? enclosed("{", items, "}", depth: depth) : nil
        case .undefined, .namespace, .loop, .macro, .function, .method: return nil
        }
    }

    private func quoted(_ text: String) -> String {
        JSONValue.string(text).text(JSONFormat(indent: nil, sortsKeys: false, escapesNonASCII: escapesNonASCII))
    }

    private func enclosed(_ opening: String, _ items: [String], _ closing: String, depth: Int) -> String {
        guard let indent, !items.isEmpty else { return opening + items.joined(separator: itemSeparator) + closing }
        func newline(_ depth: Int) -> String { "\n" + String(repeating: " ", count: indent * depth) }
        return opening + newline(depth + 1) + items.joined(separator: itemSeparator + newline(depth + 1))
            + newline(depth) + closing
    }
}
