package import TextFiles

/// A sentence of a movie review with the mean of the scores that people gave it.
package struct ScoredSnippet: Hashable, Sendable {
    /// From −4, most negative, to 4.
    package let score: Double
    package let text: String

    package init(score: Double, text: String) {
        self.score = score
        self.text = text
    }

    /// Reads `movieReviewSnippets_GroundTruth.txt`: no header, `id`, `score` and `text` separated by tabs, no quoting.
    package static func read(_ file: TextFile) throws(TextFileError) -> [ScoredSnippet] {
        var snippets: [ScoredSnippet] = []
        for line in file.lines {
            let fields = file.bytes[line.range].split(
                separator: UInt8(ascii: "\t"),
                omittingEmptySubsequences: false
            )
            guard fields.count == 3 else {
                throw TextFileError(
                    path: file.path,
                    line: line.number,
                    problem: "expected id, score and text separated by tabs, found \(fields.count) fields"
                )
            }
            let score = String(decoding: fields[1], as: UTF8.self)
            guard let value = Double(score), (-4...4).contains(value) else {
                throw TextFileError(
                    path: file.path,
                    line: line.number,
                    problem: "the score '\(score)' is not a number from -4 to 4"
                )
            }
            snippets.append(ScoredSnippet(score: value, text: String(decoding: fields[2], as: UTF8.self)))
        }
        return snippets
    }
}
