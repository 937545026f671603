import Foundation
import Testing

@Suite("Data that cannot be used is refused with its place, and nothing is written")
struct BadDataTests {
    private func expectRefusal(
        of text: String,
        as name: String,
        _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let scene = try Scene()
        try scene.write(text, to: name)
        try await scene.expectNothingWritten(sourceLocation: sourceLocation) {
            let training = try await scene.train(from: name)
            let evaluation = try await scene.evaluate("--data", scene.path(name))
            for outcome in [training, evaluation] {
                outcome.expectRefusal(parts, sourceLocation: sourceLocation)
            }
        }
    }

    @Test("a CSV without the column: which there are")
    func missingColumn() async throws {
        try await expectRefusal(
            of: "review,label\ngood,positive\n",
            as: "data.csv",
            "data.csv:1: no column 'text'; the first line names the columns 'review', 'label'"
        )
    }

    @Test("a CSV row with too few fields: its line, also behind a field of several lines")
    func badRow() async throws {
        try await expectRefusal(
            of: "text,label\n\"good\nfilm\",positive\nbad\n",
            as: "data.csv",
            "data.csv:4: expected 2 fields as in the header, found 1"
        )
    }

    @Test("a quote that is never closed: the line it begins on")
    func openQuote() async throws {
        try await expectRefusal(of: "text,label\ngood,positive\n\"bad,negative\n", as: "data.csv", "data.csv:3: ")
    }

    @Test("data sets without rows", arguments: ["data.csv", "data.tsv", "data.jsonl"])
    func empty(name: String) async throws {
        let header = ["data.csv": "text,label\n", "data.tsv": "text\tlabel\n"][name] ?? "\n\n"
        try await expectRefusal(of: header, as: name, "\(name): there are no rows; at least one is needed")
        try await expectRefusal(of: "", as: name, "\(name): there are no rows; at least one is needed")
    }

    @Test("a row without a label")
    func missingLabel() async throws {
        try await expectRefusal(
            of: "{\"text\": \"good\", \"label\": \"positive\"}\n{\"text\": \"bad\"}\n",
            as: "data.jsonl",
            "data.jsonl:2: no key 'label'; the keys are 'text'"
        )
    }

    @Test("a line that is no JSON: its line and column")
    func brokenJSON() async throws {
        try await expectRefusal(
            of: "{\"text\": \"good\", \"label\": \"positive\"}\n{\"text\": bad}\n",
            as: "data.jsonl",
            "data.jsonl:2: not valid JSON: expected ",
            "at column 10"
        )
    }

    @Test("a kind of file that is not read: which are")
    func extensions() async throws {
        try await expectRefusal(of: "good", as: "data.parquet", "'.parquet' is not a data set", ".jsonl, .csv, .tsv")
        try await expectRefusal(of: "good", as: "data.txt", "'.txt' is not a data set", ".jsonl, .csv, .tsv")
    }

    @Test("bytes that are no UTF-8: the line and the byte")
    func invalidUTF8() async throws {
        let scene = try Scene()
        let row = Array("{\"text\": \"good\", \"label\": \"positive\"}\n".utf8)
        try Data(row + Array("{\"text\": \"caf".utf8) + [0xE9] + Array("\", \"label\": \"negative\"}\n".utf8))
            .write(to: scene.url("data.jsonl"))
        try await scene.expectNothingWritten {
            let outcome = try await scene.train(from: "data.jsonl")
            outcome.expectRefusal("data.jsonl:2: not valid UTF-8 (byte 0xE9", "convert the file to UTF-8")
        }
    }

    @Test("a file that is not there")
    func missingFile() async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            try await scene.train(from: "absent.jsonl").expectRefusal("absent.jsonl: there is no such file or folder")
            try await scene.evaluate("--data", scene.path("absent.jsonl")).expectRefusal(
                "absent.jsonl: there is no such"
            )
            try await scene.predict("--input", scene.path("absent.txt")).expectRefusal("absent.txt: there is no such")
        }
    }

    @Test("a folder that holds no classes")
    func emptyFolder() async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            let outcome = try await scene.train(from: "model")
            outcome.expectRefusal(
                "model: the folder has no sub-folders; a sub-folder of .txt files is needed for each class"
            )
        }
    }

    @Test("training data with only one label: that it teaches nothing, and what may be the reason")
    func oneLabel() async throws {
        let scene = try Scene()
        let sorted = try scene.rows().sorted { $0.label < $1.label }
        try scene.write(
            sorted.map { "{\"text\": \"\($0.text)\", \"label\": \"\($0.label)\"}\n" }.joined(),
            to: "sorted.jsonl"
        )
        try await scene.expectNothingWritten {
            let outcome = try await scene.train("--limit", "4", from: "sorted.jsonl")
            outcome.expectRefusal("all 4 training texts have the label 'negative'", "at least two labels", "--limit")
        }
        try await scene.trained("--limit", "5", from: "sorted.jsonl")
    }

    @Test("a label that the adapter does not know, at evaluation and in validation data: its line and what it knows")
    func unknownLabel() async throws {
        let scene = try Scene(checkpoint: "unprefixed")
        try await scene.trained()
        try scene.write(
            "{\"text\": \"good\", \"label\": \"positive\"}\n{\"text\": \"so so\", \"label\": \"mixed\"}\n",
            to: "other.jsonl"
        )
        try await scene.expectNothingWritten {
            let evaluation = try await scene.evaluate(
                "--adapter",
                scene.path("adapter"),
                "--data",
                scene.path("other.jsonl")
            )
            let validation = try await scene.train("--validation", scene.path("other.jsonl"), output: "new")
            for outcome in [evaluation, validation] {
                outcome.expectRefusal(
                    "other.jsonl:2: unknown label 'mixed'; the known labels are 'negative', 'positive'"
                )
            }
        }
    }

    @Test("a number where the adapter's classes have names is an unknown label")
    func numberForName() async throws {
        let scene = try Scene(checkpoint: "unprefixed")
        try await scene.trained()
        try scene.write("{\"text\": \"good\", \"label\": 1}\n", to: "numbers.jsonl")
        let outcome = try await scene.evaluate(
            "--adapter",
            scene.path("adapter"),
            "--data",
            scene.path("numbers.jsonl")
        )
        outcome.expectRefusal("numbers.jsonl:1: unknown label '1'")
    }

    @Test("an option on a data file does not name what is in it")
    func wrongColumnOption() async throws {
        let scene = try Scene()
        let outcome = try await scene.train("--label-column", "stars")
        outcome.expectRefusal("train.jsonl:1: no key 'stars'; the keys are 'text', 'label'")
    }
}
