import ReviewCorpus
import Testing
import TextFiles

@Suite("The corpus's source files")
struct SourceFileTests {
    @Test("snippets are id, score and text between tabs, quotes standing for themselves")
    func snippets() throws {
        let file = try TextFile(path: "s.txt", bytes: Array("1\t-0.6\ttepid \"biopic\"\r\n2\t3.5\tgood".utf8))
        let expected = [
            ScoredSnippet(score: -0.6, text: "tepid \"biopic\""), ScoredSnippet(score: 3.5, text: "good"),
        ]
        #expect(try ScoredSnippet.read(file) == expected)
    }

    @Test(
        "a bad snippet is reported with its line",
        arguments: [
            ("1\t2\n", "expected id, score and text separated by tabs, found 2 fields"),
            ("1\tgood\tfilm\n", "the score 'good' is not a number from -4 to 4"),
            ("1\t4.5\tfilm\n", "the score '4.5' is not a number from -4 to 4"),
            ("1\tnan\tfilm\n", "the score 'nan' is not a number from -4 to 4"),
        ]
    )
    func badSnippet(row: String, problem: String) throws {
        let file = try TextFile(path: "s.txt", bytes: Array(("0\t1\tfine\n" + row).utf8))
        #expect(throws: TextFileError(path: "s.txt", line: 2, problem: problem)) { try ScoredSnippet.read(file) }
    }

    @Test("reviews are found by column name, plots left out")
    func reviews() throws {
        let text = """
            movie_name,category,text,extra
            alpha,fresh,"Good, and
            short",x
            beta,plot,A plot.,x
            gamma,rotten,Bad.,x
            """
        let expected = [
            MovieReview(sentiment: .positive, text: "Good, and\nshort", movie: "alpha"),
            MovieReview(sentiment: .negative, text: "Bad.", movie: "gamma"),
        ]
        #expect(try MovieReview.read(TextFile(path: "r.csv", bytes: Array(text.utf8))) == expected)
    }

    @Test(
        "a bad review file is reported with its line",
        arguments: [
            ("", nil, "the file is empty, where a CSV with a header is expected"),
            ("category,text\n", 1, "no column 'movie_name'; the columns are category, text"),
            ("category,text,movie_name\nfresh,good\n", 2, "expected 3 fields as in the header, found 2"),
            ("category,text,movie_name\nmild,good,a\n", 2, "the category 'mild' is none of fresh, rotten and plot"),
        ] as [(String, Int?, String)]
    )
    func badReview(text: String, line: Int?, problem: String) throws {
        let file = try TextFile(path: "r.csv", bytes: Array(text.utf8))
        #expect(throws: TextFileError(path: "r.csv", line: line, problem: problem)) { try MovieReview.read(file) }
    }
}
