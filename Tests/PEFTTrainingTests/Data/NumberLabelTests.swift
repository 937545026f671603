import Foundation
import PEFTTraining
import TestSupport
import Testing

@Suite("Numbers as labels")
struct NumberLabelTests {
    private func numbers(_ text: String, _ name: String) throws -> [Double] {
        let folder = try TemporaryFolder()
        let url = try folder.write(text.utf8, to: name)
        return try TextDataset(contentsOf: url, labelKind: .classesOrNumbers).numbers()
    }

    @Test("are read from JSON numbers and strings, and from the fields of CSV and TSV")
    func formats() throws {
        let lines =
            "{\"text\": \"a\", \"label\": 3.25}\n{\"text\": \"b\", \"label\": -2}\n{\"text\": \"c\", \"label\": \"1e-2\"}\n"
        #expect(try numbers(lines, "data.jsonl") == [3.25, -2, 0.01])
        #expect(try numbers("text,label\na,4.5\nb, 0.5 \nc,-1\n", "data.csv") == [4.5, 0.5, -1])
        #expect(try numbers("text\tlabel\na\t4.5\n", "data.tsv") == [4.5])
    }

    @Test(
        "what is no number is an error with its file and line",
        arguments: ["good", "nan", "inf", "0x10", "1,5", "1e39", "--1", "1 2"]
    )
    func noNumber(_ label: String) throws {
        let error = #expect(throws: DatasetError.self) {
            try numbers("text\tlabel\na\t1\nb\t\(label)\n", "data.tsv")
        }
        #expect(error?.location?.line == 3)
        #expect(error?.problem == "the label '\(label)' is no number; a regression needs one in every row")
    }

    @Test("a JSON label that is neither a name nor a number is an error, and one with a fraction is no class")
    func json() throws {
        let wrong = #expect(throws: DatasetError.self) {
            try numbers("{\"text\": \"a\", \"label\": true}\n", "data.jsonl")
        }
        #expect(
            wrong?.description.hasSuffix("data.jsonl:1: the value of 'label' is neither a name nor a number") == true
        )
        let folder = try TemporaryFolder()
        let url = try folder.write("{\"text\": \"a\", \"label\": 1.5}\n".utf8, to: "data.jsonl")
        let fraction = #expect(throws: DatasetError.self) { try TextDataset(contentsOf: url) }
        #expect(fraction?.problem == "the value of 'label' is neither a name nor an integer")
    }
}
