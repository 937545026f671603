import Testing
import TextFiles

@Suite("Delimited text")
struct DelimitedReaderTests {
    @Test("fields are split at separators; quoted ones keep separators, line ends and doubled quotes")
    func quoting() throws {
        let text = "a,b\r\n\"x,y\",\"he said \"\"no\"\"\"\r\n\"two\r\nlines\",\"\"\r\n"
        #expect(try records(text) == [["a", "b"], ["x,y", "he said \"no\""], ["two\r\nlines", ""]])
    }

    @Test("empty fields and a missing last line end are kept apart")
    func emptyFields() throws {
        #expect(try records("a,b\n,\n1,") == [["a", "b"], ["", ""], ["1", ""]])
    }

    @Test("tabs separate, commas don't")
    func tabs() throws {
        #expect(try records("a\tb,c\n\"1\t2\"\t3\n", separator: "\t") == [["a", "b,c"], ["1\t2", "3"]])
    }

    @Test("blank lines are passed over, quoted empty fields are not")
    func blankLines() throws {
        #expect(try records("\r\na\n\n\"\"\n\n") == [["a"], [""]])
    }

    @Test("a quote inside an unquoted field stands for itself")
    func stray() throws {
        #expect(try records("a 5\" disk,b\n") == [["a 5\" disk", "b"]])
    }

    @Test("records carry the line they start on")
    func lines() throws {
        var reader = DelimitedReader(
            try TextFile(path: "a.csv", bytes: Array("a\n\n\"1\n2\n\"\nb".utf8)),
            separator: ","
        )
        var lines: [Int] = []
        while let record = try reader.next() { lines.append(record.line) }
        #expect(lines == [1, 3, 6])
    }

    @Test("a quote that is never closed is reported where it opens")
    func unclosed() {
        #expect(throws: TextFileError(path: "a.csv", line: 2, problem: "the quote opened on this line is never closed"))
        {
            try records("a,b\n1,\"two\nthree\n")
        }
    }

    @Test("text after a closing quote is an error on its line")
    func afterQuote() {
        let error = #expect(throws: TextFileError.self) { try records("a\n\"1\n2\" 3\n") }
        #expect(error?.line == 3)
        #expect(error?.problem.hasPrefix("text after a field's closing quote") == true)
    }

    private func records(_ text: String, separator: Unicode.Scalar = ",") throws -> [[String]] {
        var reader = DelimitedReader(try TextFile(path: "a.csv", bytes: Array(text.utf8)), separator: separator)
        var result: [[String]] = []
        while let record = try reader.next() {
            result.append((0..<record.count).map { reader.text(record, $0) })
        }
        return result
    }
}
