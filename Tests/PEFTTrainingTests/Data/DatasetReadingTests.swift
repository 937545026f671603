import Foundation
import PEFTTraining
import TestSupport
import Testing

@Suite("Reading data sets")
struct DatasetReadingTests {
    private let folder: TemporaryFolder
    private let expected = [
        LabeledText(text: "A warm, \"quiet\" film.", label: "positive"), LabeledText(text: "Dull.", label: "negative"),
    ]

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(
        "each kind of file gives the same rows",
        arguments: [
            (
                "a.jsonl",
                """
                {"text": "A warm, \\"quiet\\" film.", "label": "positive", "id": 1}

                {"label": "negative", "text": "Dull."}
                """
            ),
            ("a.csv", "text,label\r\n\"A warm, \"\"quiet\"\" film.\",positive\r\nDull.,negative\r\n"),
            ("a.tsv", "id\tlabel\ttext\n1\tpositive\tA warm, \"quiet\" film.\n2\tnegative\tDull.\n"),
            ("A.CSV", "\u{FEFF}label,text\npositive,\"A warm, \"\"quiet\"\" film.\"\nnegative,Dull."),
        ]
    )
    func kinds(name: String, text: String) throws {
        let dataset = try TextDataset(contentsOf: folder.write(text.utf8, to: name))
        #expect(Array(dataset) == expected)
    }

    @Test("rows know the line they start on")
    func locations() throws {
        let file = try folder.write("text,label\n\"two\nlines\",a\n\none,b\n".utf8, to: "a.csv")
        let dataset = try TextDataset(contentsOf: file)
        #expect(dataset.map(\.text) == ["two\nlines", "one"])
        #expect(dataset.location(of: 0) == SourceLocation(file: file.path, line: 2))
        #expect(dataset.location(of: 1)?.description == "\(file.path):5")
    }

    @Test("columns can be named")
    func columns() throws {
        let csv = try folder.write("review,sentiment,text\nGood.,1,x\n".utf8, to: "a.csv")
        let json = try folder.write(#"{"review": "Good.", "sentiment": 1}"#.utf8, to: "a.jsonl")
        for file in [csv, json] {
            let dataset = try TextDataset(contentsOf: file, textColumn: "review", labelColumn: "sentiment")
            #expect(Array(dataset) == [LabeledText(text: "Good.", label: "1")])
        }
    }

    @Test("a limit keeps the first rows", arguments: ["a.jsonl", "a.csv"])
    func limit(name: String) throws {
        let rows = (0..<5).map { name == "a.csv" ? "t\($0),\($0)" : #"{"text": "t\#($0)", "label": \#($0)}"# }
        let text = (name == "a.csv" ? ["text,label"] : []) + rows
        let file = try folder.write(text.joined(separator: "\n").utf8, to: name)
        #expect(try TextDataset(contentsOf: file, limit: 2).map(\.text) == ["t0", "t1"])
        #expect(try TextDataset(contentsOf: file, limit: 9).count == 5)
        #expect(throws: DatasetError.self) { try TextDataset(contentsOf: file, limit: 0) }
    }

    @Test("a folder gives its classes in turn, each in the order of its file names, and leaves unsup out")
    func classFolder() throws {
        for name in ["pos/1_8.txt", "pos/0_9.txt", "pos/10_7.txt", "neg/0_1.txt", "unsup/0_0.txt", "neg/notes.md"] {
            try folder.write("text of \(name)\n".utf8, to: name)
        }
        try folder.write("not a class".utf8, to: "urls.txt")
        let dataset = try TextDataset(contentsOf: folder.url)
        #expect(dataset.map(\.label) == ["neg", "pos", "pos", "pos"])
        let names = ["neg/0_1.txt", "pos/0_9.txt", "pos/10_7.txt", "pos/1_8.txt"]
        #expect(dataset.map(\.text) == names.map { "text of \($0)\n" })
        #expect(dataset.location(of: 2) == SourceLocation(file: "\(folder.url.path)/pos/10_7.txt"))
        #expect(try TextDataset(contentsOf: folder.url, limit: 2).map(\.label) == ["neg", "pos"])
        #expect(try TextDataset.unlabeled(contentsOf: folder.url).allSatisfy { $0.label == nil })
    }

    @Test("texts to be judged need no labels, and a .txt file has one on each line")
    func unlabeled() throws {
        let files = [
            try folder.write("One.\r\n\nThree.".utf8, to: "a.txt"),
            try folder.write("{\"text\": \"One.\"}\n{\"text\": \"\"}\n{\"text\": \"Three.\"}\n".utf8, to: "a.jsonl"),
            try folder.write("text\nOne.\n\"\"\nThree.\n".utf8, to: "a.csv"),
        ]
        for file in files {
            let dataset = try TextDataset.unlabeled(contentsOf: file)
            #expect(Array(dataset) == ["One.", "", "Three."].map { LabeledText(text: $0) })
        }
    }

    @Test("a hundred thousand rows are all read")
    func many() throws {
        let text = String(repeating: "A film of average length, neither long nor short.", count: 2)
        let csv = "text,label\n" + String(repeating: "\"\(text)\",1\n", count: 100_000)
        let json = String(repeating: "{\"text\": \"\(text)\", \"label\": 1}\n", count: 100_000)
        for (name, content) in [("a.csv", csv), ("a.jsonl", json)] {
            let file = try folder.write(content.utf8, to: name)
            #expect(try TextDataset(contentsOf: file).count == 100_000)
        }
    }
}
