import Foundation
import PEFTTraining
import TestSupport
import Testing

@Suite("The column of adapters' names")
struct AdapterColumnTests {
    private static let jsonLines = """
        {"text": "one", "label": "a", "adapter": "x"}
        {"text": "two", "label": "b"}

        {"text": "three", "label": "a", "adapter": ""}
        {"text": "four", "label": "b", "adapter": "__base__"}
        {"text": "five", "label": "a", "adapter": "y"}
        {"text": "six", "label": "b", "adapter": null}
        """
    private static let commas = "adapter,text,label\nx,one,a\n,two,b\n,three,a\n__base__,four,b\ny,five,a\n,six,b\n"
    static let files = ["rows.jsonl", "rows.csv", "rows.tsv"]

    private static func text(_ name: String) -> String {
        switch name {
        case "rows.jsonl": jsonLines
        case "rows.csv": commas
        default: commas.replacingOccurrences(of: ",", with: "\t")
        }
    }

    private func read(_ name: String, column: String? = "adapter") throws -> TextDataset {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let file = try folder.write(Self.text(name).utf8, to: name)
        return try TextDataset(contentsOf: file, adapterColumn: column)
    }

    @Test("is read, and nothing, an empty name and __base__ mean none", arguments: files)
    func names(name: String) throws {
        let texts = try read(name)
        #expect(texts.map(\.adapter) == ["x", nil, nil, nil, "y", nil])
        #expect(texts.map(\.label) == ["a", "b", "a", "b", "a", "b"])
        let groups = texts.positionsByAdapter
        #expect(groups.map(\.adapter) == ["x", nil, "y"])
        #expect(groups.map(\.positions) == [[0], [1, 2, 3, 5], [4]])
    }

    @Test("is not read where nobody asks", arguments: files)
    func unasked(name: String) throws {
        #expect(try read(name, column: nil).allSatisfy { $0.adapter == nil })
    }

    @Test("keeps the lines of chosen rows")
    func selection() throws {
        let texts = try read("rows.jsonl").selecting([4, 1])
        #expect(texts.map(\.text) == ["five", "two"])
        #expect(texts.location(of: 0)?.line == 6 && texts.location(of: 1)?.line == 2)
    }

    @Test("names an adapter that is known, or none where the base has a head; else the line is an error")
    func requirement() throws {
        let texts = try read("rows.jsonl")
        try texts.requireAdapters(in: ["x", "y"], baseHasHead: true)
        let unknown = #expect(throws: DatasetError.self) {
            try texts.requireAdapters(in: ["x", "z"], baseHasHead: true)
        }
        #expect(unknown?.location?.line == 6)
        #expect(unknown?.problem == "unknown adapter 'y'; the known adapters are 'x', 'z'")
        let headless = #expect(throws: DatasetError.self) {
            try texts.requireAdapters(in: ["x", "y"], baseHasHead: false)
        }
        #expect(headless?.location?.line == 2)
        #expect(headless?.problem.contains("the base has no classifier of its own; name one of 'x', 'y'") == true)
    }

    @Test("is asked of files that have columns, has to be there in those with a header, and holds names")
    func refusals() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        func refusal(_ text: String, _ name: String) throws -> String {
            let file = try folder.write(text.utf8, to: name)
            let error = #expect(throws: DatasetError.self) {
                try TextDataset.unlabeled(contentsOf: file, adapterColumn: "adapter")
            }
            return error?.description ?? ""
        }
        #expect(try refusal("one\n", "rows.txt").contains("which only .jsonl, .csv and .tsv files have"))
        #expect(try refusal("text\none\n", "rows.csv").contains("no column 'adapter'"))
        #expect(
            try refusal("{\"text\": \"one\", \"adapter\": 3}\n", "rows.jsonl")
                .contains("rows.jsonl:1: the value of 'adapter' is not the name of an adapter")
        )
    }
}
