import Foundation
import PEFTFormats
import Testing

@Suite("Predictions")
struct PredictTests {
    /// Texts that a file may hold and that tell an order: no two of them get the same logits.
    static let texts = ["warm story", "", "a bad, \"dull\" film", "good", "long plot", "x y z", "short cast good"]

    static let files: [(name: String, text: String)] = [
        ("texts.txt", texts.joined(separator: "\n") + "\n"),
        ("texts.jsonl", texts.map { JSONValue.object(["text": .string($0)]).text(.compact) + "\n" }.joined()),
        (
            "texts.csv",
            "text,other\n"
                + texts.map { "\"\($0.replacingOccurrences(of: "\"", with: "\"\""))\",1\n" }.joined()
        ),
    ]

    @Test("are in the order of the input, whatever the file", arguments: files.map(\.name))
    func order(name: String) async throws {
        let scene = try Scene()
        let file = try #require(Self.files.first { $0.name == name })
        try scene.write(file.text, to: name)
        let prediction = try await scene.predict("--input", scene.path(name), "--threads", "2")
        #expect(prediction.status == 0)
        let alone = try await scene.predict(
            "--text",
            Self.texts[0],
            "--text",
            Self.texts[1],
            "--text",
            Self.texts[2],
            "--text",
            Self.texts[3],
            "--text",
            Self.texts[4],
            "--text",
            Self.texts[5],
            "--text",
            Self.texts[6]
        )
        #expect(prediction.output == alone.output)
        #expect(Set(prediction.lines).count == Self.texts.count)
    }

    @Test("of an empty text are predictions all the same")
    func emptyText() async throws {
        let prediction = try await Scene().predict("--text", "")
        #expect(prediction.status == 0)
        #expect(try prediction.json()["logits"].elements().count == 3)
    }

    @Test("of a text that begins with a dash are no options")
    func dash() async throws {
        let prediction = try await Scene().predict("--text", "-5 stars", "--text", "--help")
        #expect(prediction.status == 0 && prediction.lines.count == 2)
    }

    @Test("with --output go to the file, replace it in one step, and leave nothing on standard output")
    func file() async throws {
        let scene = try Scene()
        try scene.write("old", to: "results/predictions.jsonl")
        // Another name of the old content: it stays what it was if the new one comes by a rename.
        try FileManager.default.linkItem(at: scene.url("results/predictions.jsonl"), to: scene.url("results/old"))
        let printed = try await scene.predict("--input", scene.path("test.jsonl"))
        let written = try await scene.predict(
            "--input",
            scene.path("test.jsonl"),
            "--output",
            scene.path("results/predictions.jsonl")
        )
        #expect(written.status == 0 && written.output.isEmpty && written.errors.isEmpty)
        #expect(try scene.bytes("results/predictions.jsonl") == Data(printed.output.utf8))
        #expect(try scene.bytes("results/old") == Data("old".utf8))
        #expect(try scene.listing(of: "results") == ["old", "predictions.jsonl"])
    }

    @Test("that fail leave the file as it was")
    func failure() async throws {
        let scene = try Scene()
        try scene.write("old", to: "predictions.jsonl")
        try scene.write("{\"text\": \"good\"}\n{\"text\": 1}\n", to: "texts.jsonl")
        try await scene.expectNothingWritten {
            let outcome = try await scene.predict(
                "--input",
                scene.path("texts.jsonl"),
                "--output",
                scene.path("predictions.jsonl")
            )
            outcome.expectRefusal("texts.jsonl:2", "'text' is not a string")
        }
        #expect(try scene.bytes("predictions.jsonl") == Data("old".utf8))
    }

    @Test("refuse a destination before any work", arguments: ["model", "/dev/null", "missing/predictions.jsonl"])
    func destination(name: String) async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            let output = name.hasPrefix("/") ? name : scene.path(name)
            // A text file that isn't there would be the error if the destination were looked at later.
            let outcome = try await scene.predict("--input", scene.path("absent.txt"), "--output", output)
            outcome.expectRefusal("cannot write \(output): ")
        }
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }

    @Test("end quietly when whoever reads them has seen enough", arguments: ["", "trap '' PIPE; "])
    func closedPipe(trap: String) async throws {
        let scene = try Scene()
        // More than a pipe holds.
        try scene.write((0..<3000).map { "good film \($0)\n" }.joined(), to: "texts.txt")
        let command = "\"$PEFT\" predict --model model --input texts.txt --threads 1"
        let outcome = try await Peft.shell("\(trap)\(command) | head -1", in: scene.root)
        #expect(outcome.lines.count == 1)
        #expect(outcome.errors.isEmpty)
    }

    @Test("that standard output does not take are an error")
    func fullOutput() async throws {
        let scene = try Scene()
        let outcome = try await Peft.shell("\"$PEFT\" predict --model model --text good >/dev/full", in: scene.root)
        outcome.expectRefusal("cannot write the results: No space left on device")
    }
}
