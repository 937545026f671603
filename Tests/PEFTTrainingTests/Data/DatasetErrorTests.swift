import Foundation
import PEFTTraining
import TestSupport
import Testing

@Suite("Bad data sets get one sentence with the place and the remedy")
struct DatasetErrorTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(
        "a bad CSV",
        arguments: [
            ("", "a.csv: there are no rows; at least one is needed"),
            ("text,label\n", "a.csv: there are no rows; at least one is needed"),
            (
                "text, label\nGood.,1\n",
                "a.csv:1: no column 'label'; the first line names the columns 'text', ' label'; choose one as label column (--label-column)"
            ),
            (
                "review\tlabel\nGood.\t1\n",
                "a.csv:1: no column 'text'; the header is 'review\tlabel', with tabs between its columns: a .csv file has commas there, "
                    + "and a .tsv file tabs"
            ),
            (
                "text;label\nGood.;1\n",
                "a.csv:1: no column 'text'; the header is 'text;label', with ';' between its columns: a .csv file has commas there, "
                    + "and a .tsv file tabs"
            ),
            ("text,label,label\nGood.,1,1\n", "a.csv:1: 2 columns are called 'label'; give each its own name"),
            (
                "text,label\nGood.,1\nLong, dull,0\n",
                "a.csv:3: expected 2 fields as in the header, found 3; put a field with separators or line ends in double quotes"
            ),
            (
                "text,label\nGood.\n",
                "a.csv:2: expected 2 fields as in the header, found 1; put a field with separators or line ends in double quotes"
            ),
            ("text,label\nGood.,\n", "a.csv:2: the label is empty; every row needs one"),
            ("text,label\n\"Good.,1\n", "a.csv:2: the quote opened on this line is never closed"),
            (
                "text,label\n\"Good\".,1\n",
                "a.csv:2: text after a field's closing quote; write a quote inside a quoted field twice (\"\")"
            ),
        ]
    )
    func csv(text: String, expected: String) throws {
        #expect(try problem(reading: text.utf8, as: "a.csv") == expected)
    }

    @Test(
        "a bad JSON line",
        arguments: [
            ("\n \n", "a.jsonl: there are no rows; at least one is needed"),
            (
                #"{"text": "Good."}"#,
                "a.jsonl:2: no key 'label'; the keys are 'text', choose one as label column (--label-column)"
            ),
            (
                #"{"review": "Good.", "label": 1}"#,
                "a.jsonl:2: no key 'text'; the keys are 'review', 'label', choose one as text column (--text-column)"
            ),
            (#"{"text": 5, "label": 1}"#, "a.jsonl:2: the value of 'text' is not a string"),
            (#"{"text": "x", "label": 0.5}"#, "a.jsonl:2: the value of 'label' is neither a name nor an integer"),
            (#"{"text": "x", "label": null}"#, "a.jsonl:2: the value of 'label' is neither a name nor an integer"),
            (#"{"text": "x", "label": ""}"#, "a.jsonl:2: the value of 'label' is neither a name nor an integer"),
            (
                "[1]",
                #"a.jsonl:2: expected a JSON object such as {"text": "…", "label": "…"}"#
            ),
        ]
    )
    func jsonLines(row: String, expected: String) throws {
        let first = expected.hasPrefix("a.jsonl:2") ? "{\"text\": \"Fine.\", \"label\": 1}\n" : ""
        #expect(try problem(reading: (first + row).utf8, as: "a.jsonl") == expected)
    }

    @Test("a line that isn't JSON is named with its column")
    func invalidJSON() throws {
        let text = "{\"text\": \"Fine.\", \"label\": 1}\r\n{\"text\": \"Good.\" \"label\": 1}\r\n"
        let problem = try problem(reading: text.utf8, as: "a.jsonl")
        #expect(problem.hasPrefix("a.jsonl:2: not valid JSON: expected "))
        #expect(problem.hasSuffix(" at column 18"))
    }

    @Test("invalid UTF-8", arguments: ["a.csv", "a.jsonl", "a.tsv", "a.txt"])
    func invalidUTF8(name: String) throws {
        let bytes = Array("text\ncaf".utf8) + [0xE9] + Array("\n".utf8)
        #expect(
            try problem(reading: bytes, as: name, isLabeled: name != "a.txt")
                == "\(name):2: not valid UTF-8 (byte 0xE9 at offset 8); convert the file to UTF-8"
        )
    }

    @Test("a file of another kind")
    func kind() throws {
        let remedy = "or a folder with a sub-folder of .txt files for each class"
        #expect(
            try problem(reading: [], as: "a.parquet")
                == "a.parquet: '.parquet' is not a data set that can be read here; give .jsonl, .csv, .tsv, \(remedy)"
        )
        #expect(
            try problem(reading: [], as: "a.txt")
                == "a.txt: '.txt' is not a data set that can be read here; give .jsonl, .csv, .tsv, \(remedy)"
        )
        #expect(
            try problem(reading: [], as: "data", isLabeled: false)
                == "data: a file without an extension is not a data set that can be read here; "
                + "give .jsonl, .csv, .tsv, .txt, \(remedy)"
        )
    }

    @Test("a missing file is named as it was given")
    func missing() {
        let error = #expect(throws: DatasetError.self) {
            try TextDataset(contentsOf: URL(fileURLWithPath: "no/such/file.csv"))
        }
        #expect(error?.description == "no/such/file.csv: there is no such file or folder")
    }

    @Test("a folder without classes, or a class without texts")
    func folders() throws {
        let empty = #expect(throws: DatasetError.self) { try TextDataset(contentsOf: folder.url) }
        #expect(empty?.problem == "the folder has no sub-folders; a sub-folder of .txt files is needed for each class")
        try folder.write([], to: "pos/readme.md")
        let noTexts = #expect(throws: DatasetError.self) { try TextDataset(contentsOf: folder.url) }
        #expect(noTexts?.description == "\(folder.url.path)/pos: this class has no .txt files")
    }

    /// What reading `bytes` as the file `name` says, without the folder's own path.
    private func problem(
        reading bytes: some Sequence<UInt8>,
        as name: String,
        isLabeled: Bool = true
    ) throws -> String {
        let file = try folder.write(bytes, to: name)
        let error = try #require(throws: DatasetError.self) {
            if isLabeled {
                _ = try TextDataset(contentsOf: file)
            } else {
                _ = try TextDataset.unlabeled(contentsOf: file)
            }
        }
        return error.description.replacingOccurrences(of: folder.url.path + "/", with: "")
    }
}
