import Foundation
import PEFTFormats
import Testing

@Suite("From training to use")
struct HappyPathTests {
    @Test("train, evaluate, predict, tokenize and inspect, each with results as JSON")
    func wholePath() async throws {
        let scene = try Scene()
        let training = try await scene.trained("--validation", scene.path("test.jsonl"), "--epochs", "2", "--json")
        let run = try training.json()
        #expect(try run["output"].string() == scene.path("adapter"))
        #expect(try run["steps"].int() == 2)
        #expect(try run["losses"].elements().count == 2)
        #expect(try run["trainable_parameters"].int() == 3 * 2 * (8 * 32 + 32 * 8) + 3 * 33)
        #expect(try run["epochs"].elements()[1]["validation"]["count"].int() == 8)
        #expect(
            try scene.listing(of: "adapter")
                == Scene.runFiles.union([
                    "adapter_config.json", "adapter_model.safetensors", "peftkit.json", "evaluation.json",
                ])
        )

        let adapter = ["--adapter", scene.path("adapter")]
        let evaluation = try await scene.evaluate(adapter[0], adapter[1], "--data", scene.path("test.jsonl"), "--json")
        #expect(evaluation.status == 0)
        let metrics = try evaluation.json()
        #expect(try metrics["labels"].strings() == ["negative", "neutral", "positive"])
        #expect(try metrics["confusion"].elements().map { try $0.ints().reduce(0, +) } == [4, 0, 4])
        let last = try run["epochs"].elements()[1]["validation"]
        #expect(try metrics["loss"].double() == last["loss"].double())

        let prediction = try await scene.predict(adapter[0], adapter[1], "--text", "a good film", "--json")
        #expect(prediction.status == 0)
        let answer = try prediction.json()
        #expect(try answer.object().keys == ["label", "score", "scores", "logits"])
        let scores = try answer["scores"].elements().map { try $0.double() }
        #expect(scores.count == 3 && abs(scores.reduce(0, +) - 1) < 1e-6)
        #expect(try answer["score"].double() == scores.max())

        let tokens = try await Peft.run([
            "tokenize", "--model", scene.path("model"), "--text", "Good filmz", "--json",
        ])
        #expect(try tokens.json()["tokens"].strings() == ["[CLS]", "good", "film", "##z", "[SEP]"])
        #expect(try tokens.json()["ids"].ints().count == 5)

        let inspection = try await Peft.run(["inspect", scene.path("adapter"), "--json"])
        #expect(try inspection.json()["trainable_parameters"].int() == run["trainable_parameters"].int())
    }

    @Test("without --json results are for people, and still alone on standard output")
    func readable() async throws {
        let scene = try Scene()
        let training = try await scene.trained()
        #expect(training.lines.count == 1)
        #expect(training.output.hasPrefix("trained 1 step, "))
        #expect(training.errors.contains("training 3,171 of "))
        #expect(training.errors.contains("8 examples, 1 epoch, 1 step\n"))
        let evaluation = try await scene.evaluate(
            "--adapter",
            scene.path("adapter"),
            "--data",
            scene.path("test.jsonl")
        )
        #expect(evaluation.errors.isEmpty)
        #expect(evaluation.output.hasPrefix("accuracy 0."))
    }

    @Test("progress is plain lines on standard error when that is no terminal")
    func plainProgress() async throws {
        let training = try await Scene().trained("--epochs", "3", "--json")
        #expect(training.errors.contains("\nstep 1/3  loss "))
        #expect(training.errors.contains("\nstep 3/3  loss "))
        #expect(training.errors.contains("\nepoch 3: loss "))
        #expect(!training.errors.contains("\r") && !training.errors.contains("\u{1B}"))
    }

    @Test("the same seed gives the same adapter to the byte, another seed another one")
    func seeds() async throws {
        let scene = try Scene()
        // Two workers, since it is their order that could vary.
        for (seed, output) in [("5", "first"), ("5", "second"), ("6", "third")] {
            try await scene.trained("--seed", seed, "--threads", "2", "--batch-size", "3", output: output)
        }
        for name in ["adapter_model.safetensors", "adapter_config.json", "peftkit.json"] {
            #expect(try scene.bytes("first/\(name)") == scene.bytes("second/\(name)"))
        }
        #expect(try scene.bytes("first/adapter_model.safetensors") != scene.bytes("third/adapter_model.safetensors"))
    }

    @Test("--from-adapter starts where the adapter is: a step of no size leaves every byte")
    func continuing() async throws {
        let scene = try Scene()
        try await scene.trained("--epochs", "2")
        let start = ["--from-adapter", scene.path("adapter")]
        try await scene.trained(start[0], start[1], "--learning-rate", "1e-30", output: "same")
        try await scene.trained(start[0], start[1], output: "further")
        let bytes = try scene.bytes("adapter/adapter_model.safetensors")
        #expect(try scene.bytes("same/adapter_model.safetensors") == bytes)
        #expect(try scene.bytes("further/adapter_model.safetensors") != bytes)
        #expect(try scene.bytes("same/adapter_config.json") == scene.bytes("adapter/adapter_config.json"))
    }

    @Test("--from-adapter goes on from a folder of Python's peft, and may write over it")
    func continuingFromPython() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        let before = try scene.bytes("adapter/adapter_model.safetensors")
        try await scene.trained("--from-adapter", scene.path("adapter"))
        #expect(try scene.bytes("adapter/adapter_model.safetensors") != before)
        let inspection = try await Peft.run(["inspect", scene.path("adapter"), "--json"])
        #expect(try inspection.json()["labels"].strings() == ["negative", "neutral", "positive"])
    }

    @Test("--no-shuffle takes the rows in their order, whatever the seed; without it the seed decides")
    func order() async throws {
        let scene = try Scene()
        try await scene.trained("--dropout", "0")
        func continued(_ seed: String, _ options: [String]) async throws -> Data {
            let base = scene.arguments(output: "out-\(seed)-\(options.count)")
            let more = ["--from-adapter", scene.path("adapter"), "--base-dropout", "0", "--batch-size", "2"]
            let outcome = try await Peft.run(base + more + ["--seed", seed] + options)
            try #require(outcome.status == 0, "\(outcome.errors)")
            return try scene.bytes("out-\(seed)-\(options.count)/adapter_model.safetensors")
        }
        #expect(try await continued("1", ["--no-shuffle"]) == continued("2", ["--no-shuffle"]))
        #expect(try await continued("1", []) != continued("2", []))
    }

    @Test("an adapter calls its base as the user did, so that a relative path gives the same adapter everywhere")
    func relativePaths() async throws {
        let scene = try Scene()
        let arguments = [
            "train", "--model", "model/", "--train", "train.jsonl", "--output", "adapter", "--epochs", "1",
            "--threads", "1",
        ]
        let outcome = try await Peft.run(arguments, in: scene.root)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let inspection = try await Peft.run(["inspect", "adapter", "--json"], in: scene.root)
        #expect(try inspection.json()["base"].string() == "model")
    }

    @Test("--limit uses the first rows only")
    func limits() async throws {
        let scene = try Scene()
        let training = try await scene.trained("--limit", "5", "--batch-size", "2", "--json")
        #expect(try training.json()["steps"].int() == 3)
        let data = ["--data", scene.path("test.jsonl"), "--limit", "3", "--json"]
        let evaluation = try await scene.evaluate(data[0], data[1], data[2], data[3], data[4])
        #expect(try evaluation.json()["count"].int() == 3)
        let prediction = try await scene.predict("--input", scene.path("test.jsonl"), "--limit", "2")
        #expect(prediction.lines.count == 2)
    }

    @Test("packed copies of weights change no prediction")
    func packedWeights() async throws {
        let scene = try Scene()
        let packed = try await scene.predict("--input", scene.path("test.jsonl"))
        let plain = try await scene.predict("--input", scene.path("test.jsonl"), "--no-packed-weights")
        #expect(packed.status == 0 && packed.lines.count == 8)
        #expect(packed.output == plain.output)
    }

    @Test("the number of threads changes no prediction")
    func threads() async throws {
        let scene = try Scene()
        let one = try await scene.predict("--input", scene.path("test.jsonl"), "--threads", "1")
        let three = try await scene.predict("--input", scene.path("test.jsonl"), "--threads", "3")
        #expect(one.status == 0 && one.lines.count == 8)
        #expect(one.output == three.output)
    }

    @Test("a class folder and a CSV with other column names train as the JSON lines do")
    func formats() async throws {
        let scene = try Scene()
        var rows = ["id,review,sentiment"]
        for (number, row) in try scene.rows().enumerated() {
            rows.append("\(number),\"\(row.text)\",\(row.label)")
            try scene.write(row.text, to: "folder/\(row.label)/\(number).txt")
        }
        try scene.write(rows.joined(separator: "\r\n"), to: "train.csv")
        try await scene.trained("--no-shuffle", output: "json")
        try await scene.trained(
            "--no-shuffle",
            "--text-column",
            "review",
            "--label-column",
            "sentiment",
            output: "csv",
            from: "train.csv"
        )
        #expect(try scene.bytes("csv/adapter_model.safetensors") == scene.bytes("json/adapter_model.safetensors"))
        let folder = try await scene.trained("--json", output: "folder-adapter", from: "folder")
        #expect(try folder.json()["steps"].int() == 1)
    }

    @Test("labels that are numbers name the classes of a checkpoint")
    func numbers() async throws {
        let scene = try Scene()
        let rows = try scene.rows()
        let numbers = ["negative": 0, "neutral": 1, "positive": 2]
        let text = rows.map { "{\"text\": \"\($0.text)\", \"label\": \(numbers[$0.label] ?? -1)}\n" }.joined()
        try scene.write(text, to: "numbers.jsonl")
        let byName = try await scene.evaluate("--data", scene.path("test.jsonl"), "--json")
        let byNumber = try await scene.evaluate("--data", scene.path("numbers.jsonl"), "--json")
        #expect(byNumber.status == 0)
        #expect(byNumber.output == byName.output)
    }
}

extension Scene {
    /// The rows of `train.jsonl`.
    func rows() throws -> [(text: String, label: String)] {
        try String(decoding: bytes("train.jsonl"), as: UTF8.self).split(separator: "\n").map { line in
            let row = JSONReader(try JSONValue(parsing: Array(line.utf8), source: "row"), source: "row")
            return (try row["text"].string(), try row["label"].string())
        }
    }
}
