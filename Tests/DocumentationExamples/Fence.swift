/// A fenced block of a Markdown page or a doc comment.
package struct Fence: Sendable {
    /// The file it is in, from the repository's root.
    package let file: String
    /// What its lines are written in, as in `swift`; empty where the fence doesn't say.
    package let language: String
    /// What is between the fences, without the fences' own indentation.
    package let lines: [String]
    /// The number of the first of these lines in the file.
    package let line: Int
    /// What the page says about it.
    package let note: ExampleNote?

    /// Where it is, for messages.
    package var place: String { "\(file):\(line)" }

    /// The fences of a file, in order.
    ///
    /// - Parameter lines: the lines that are Markdown, each with its number.
    /// - Throws: ``ExampleError``.
    package static func all(in lines: [NumberedLine], of file: String) throws -> [Fence] {
        var fences: [Fence] = []
        var open: (marker: String, language: String, indentation: Int, note: ExampleNote?, lines: [NumberedLine])?
        var previous = ""
        for line in lines {
            let text = line.text.drop { $0 == " " }
            if let fence = open {
                if text == fence.marker {
                    let content = fence.lines.map { $0.text.dropFirst(min(fence.indentation, $0.indentation)) }
                    fences.append(
                        Fence(
                            file: file,
                            language: fence.language,
                            lines: content.map(String.init),
                            line: fence.lines.first?.number ?? line.number,
                            note: fence.note
                        )
                    )
                    open = nil
                } else {
                    open?.lines.append(line)
                }
            } else if text.hasPrefix("```") {
                let marker = String(text.prefix { $0 == "`" })
                let note = try ExampleNote(comment: previous, place: "\(file):\(line.number)")
                open = (marker, String(text.dropFirst(marker.count)), line.indentation, note, [])
            }
            previous = line.text
        }
        if let open { throw ExampleError("\(file): the fence '\(open.marker)\(open.language)' is never closed") }
        return fences
    }
}

/// A line of a file.
package struct NumberedLine: Sendable {
    /// Counted from 1.
    package let number: Int
    /// The line.
    package let text: String

    package init(number: Int, text: String) {
        self.number = number
        self.text = text
    }

    /// The number of spaces it begins with.
    var indentation: Int { text.prefix { $0 == " " }.count }

    /// The lines of a text.
    package static func all(of text: String) -> [NumberedLine] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { NumberedLine(number: $0.offset + 1, text: String($0.element)) }
    }
}

/// What keeps an example from being taken.
package struct ExampleError: Error, CustomStringConvertible {
    /// What is wrong, and where.
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
