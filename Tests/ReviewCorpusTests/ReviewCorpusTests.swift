import Foundation
import ReviewCorpus
import TestSupport
import Testing
import TextFiles

@Suite("Joined reviews")
struct ReviewCorpusTests {
    private let reviews = [
        MovieReview(sentiment: .positive, text: "A well-made, “quiet” film.", movie: "alpha"),
        MovieReview(sentiment: .negative, text: "Dull; and long", movie: "zeta"),
    ]

    @Test("punctuation, case and accents don't hinder the join, and the snippet's text is kept")
    func join() {
        let snippets = [
            ScoredSnippet(score: -2, text: "DULL and long."),
            ScoredSnippet(score: 1.5, text: "a well made ''quiet'' film"),
        ]
        let corpus = ReviewCorpus(snippets: snippets, reviews: reviews)
        #expect(corpus.rows[.train] == [LabeledReview(text: "a well made ''quiet'' film", label: .positive)])
        #expect(corpus.rows[.validation] == [])
        #expect(corpus.rows[.test] == [LabeledReview(text: "DULL and long.", label: .negative)])
    }

    @Test(
        "a snippet that is faint, unknown or judged otherwise is left out",
        arguments: [(0.5, "dull and long"), (-0.5, "dull and long"), (2, "dull and long"), (-3, "dull and short")]
    )
    func leftOut(score: Double, text: String) {
        let corpus = ReviewCorpus(snippets: [ScoredSnippet(score: score, text: text)], reviews: reviews)
        #expect(corpus.rows.values.joined().isEmpty)
    }

    @Test("of reviews with one text the last counts, of snippets the first")
    func duplicates() {
        let repeated = reviews + [MovieReview(sentiment: .positive, text: "Dull and long", movie: "alpha")]
        let snippets = [
            ScoredSnippet(score: 2, text: "dull, and long"), ScoredSnippet(score: 3, text: "Dull and long"),
        ]
        let corpus = ReviewCorpus(snippets: snippets, reviews: repeated)
        #expect(corpus.rows[.train] == [LabeledReview(text: "dull, and long", label: .positive)])
        #expect(corpus.rows[.test] == [])
    }

    @Test("rows are ordered by their texts' hash, whatever the order of the snippets")
    func order() {
        let reviews = ["one", "two", "three"].map { MovieReview(sentiment: .positive, text: $0, movie: "alpha") }
        let snippets = ["one", "two", "three"].map { ScoredSnippet(score: 2, text: $0) }
        // 3fc4…, 7692… and 8b5b…
        let expected = ["two", "one", "three"].map { LabeledReview(text: $0, label: .positive) }
        #expect(ReviewCorpus(snippets: snippets, reviews: reviews).rows[.train] == expected)
        #expect(ReviewCorpus(snippets: snippets.reversed(), reviews: reviews).rows[.train] == expected)
    }

    @Test("a movie's split follows its name's hash", arguments: [("alpha", Split.train), ("zeta", .test)])
    func split(movie: String, expected: Split) {
        #expect(Split(movie: movie) == expected)
    }

    @Test("rows are written as JSON that other readers understand")
    func jsonLine() throws {
        let text = "a \"quoted\" \\ caf\u{E9} \u{1F600}\t\u{1}"
        let line = LabeledReview(text: text, label: .negative).jsonLine
        #expect(line == "{\"text\": \"a \\\"quoted\\\" \\\\ café 😀\\u0009\\u0001\", \"label\": \"negative\"}")
        let decoded = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(decoded == ["text": text, "label": "negative"])
    }

    @Test("writing makes the folder, replaces older files and leaves nothing else behind")
    func write() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "corpus-\(UUID().uuidString)/reviews"
        )
        defer { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }
        let snippets = [ScoredSnippet(score: -2, text: "dull and long")]
        try ReviewCorpus(snippets: [], reviews: []).write(to: folder)
        try ReviewCorpus(snippets: snippets, reviews: reviews).write(to: folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["test.jsonl", "train.jsonl", "validation.jsonl"])
        let test = try String(contentsOf: folder.appendingPathComponent("test.jsonl"), encoding: .utf8)
        #expect(test == "{\"text\": \"dull and long\", \"label\": \"negative\"}\n")
        #expect(try Data(contentsOf: folder.appendingPathComponent("train.jsonl")).isEmpty)
    }
}
