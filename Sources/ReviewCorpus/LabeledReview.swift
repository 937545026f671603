/// What a review thinks of its movie; the raw value is the label in the files.
package enum Sentiment: String, Sendable {
    case negative
    case positive
}

/// A row of the joined corpus.
package struct LabeledReview: Hashable, Sendable {
    package let text: String
    package let label: Sentiment

    package init(text: String, label: Sentiment) {
        self.text = text
        self.label = label
    }

    /// The row as one line of JSON, keys in fixed order, without the line's end.
    package var jsonLine: String {
        "{\"text\": \(Self.quoted(text)), \"label\": \"\(label.rawValue)\"}"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
