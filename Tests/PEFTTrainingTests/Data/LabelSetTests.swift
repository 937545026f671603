import Foundation
import PEFTTraining
import TestSupport
import Testing

@Suite("Labels")
struct LabelSetTests {
    @Test(
        "the order is by value for integers, otherwise by bytes",
        arguments: [
            (["10", "9", "-1", "9"], ["-1", "9", "10"]),
            (["b", "a", "B", "é", "z"], ["B", "a", "b", "z", "é"]),
            (["10", "9", "x"], ["10", "9", "x"]),
            (["10", "9", "01"], ["01", "10", "9"]),
        ]
    )
    func order(labels: [String], expected: [String]) throws {
        #expect(try LabelSet(ordering: labels).names == expected)
    }

    @Test("an order of one's own is kept")
    func explicit() throws {
        let labels = try LabelSet(["positive", "negative"])
        #expect(Array(labels) == ["positive", "negative"])
        #expect(labels.index(of: "negative") == 1)
        #expect(labels.index(of: "Negative") == nil)
        #expect(try labels != LabelSet(["negative", "positive"]))
    }

    @Test("labels that Swift calls equal but have other bytes are two")
    func bytes() throws {
        let composed = "caf\u{E9}"
        let decomposed = "cafe\u{301}"
        #expect(composed == decomposed)
        let labels = try LabelSet([composed, decomposed])
        #expect(labels.index(of: decomposed) == 1)
        #expect(try LabelSet(ordering: [composed, decomposed]).count == 2)
        #expect(try labels != LabelSet([decomposed, composed]))
    }

    @Test("none, or one twice, is an error")
    func invalid() {
        #expect(throws: DatasetError(at: nil, problem: "there are no labels; at least one is needed")) {
            try LabelSet([])
        }
        #expect(throws: DatasetError(at: nil, problem: "the label 'a' is given twice")) {
            try LabelSet(["a", "b", "a"])
        }
    }

    @Test("a data set tells its labels and classes")
    func classes() throws {
        let dataset = TextDataset(["2", "0", "2"].map { LabeledText(text: "t", label: $0) })
        let labels = try dataset.labels()
        #expect(labels.names == ["0", "2"])
        #expect(try dataset.classIndices(in: labels) == [1, 0, 1])
    }

    @Test("an unknown label is reported with its file and line, and with the known ones")
    func unknown() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("text,label\nGood.,positive\nFine.,neutral\n".utf8, to: "test.csv")
        let dataset = try TextDataset(contentsOf: file)
        let labels = try LabelSet(["negative", "positive"])
        let error = #expect(throws: DatasetError.self) { try dataset.classIndices(in: labels) }
        #expect(
            error?.description
                == "\(file.path):3: unknown label 'neutral'; the known labels are 'negative', 'positive'"
        )
    }

    @Test("a missing label is reported with its place")
    func missing() {
        let dataset = TextDataset([LabeledText(text: "t", label: "a"), LabeledText(text: "t")])
        #expect(throws: DatasetError(at: nil, problem: "example 1: there is no label; every row needs one here")) {
            try dataset.labels()
        }
    }
}
