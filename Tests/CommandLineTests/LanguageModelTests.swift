import Foundation
import PEFTFormats
import Testing

@Suite("Language models on the command line")
struct LanguageModelTests {
    let language: LanguageScene
    var scene: Scene { language.scene }

    init() throws {
        language = try LanguageScene()
    }

    @Test(
        "are trained and measured by what config.json says they are; the perplexity falls",
        arguments: ["llama", "gpt2"]
    )
    func wholePath(checkpoint: String) async throws {
        let language = try LanguageScene(checkpoint: checkpoint)
        let (scene, held) = (language.scene, language.scene.path("texts.jsonl"))
        let options = ["--learning-rate", "1e-2"]
        let training = try await language.train("texts.jsonl", "--validation", held, "--json", options[0], options[1])
        try #require(training.status == 0, "\(training.errors)")
        let epochs = try training.json()["epochs"].elements()
        let last = try epochs[1]["validation"]
        #expect(try last["metrics"].object().keys == ["perplexity"])
        #expect(training.errors.contains("perplexity "))
        let path = scene.path("adapter/adapter_config.json")
        let configuration = JSONReader(try JSONValue(contentsOf: path), source: path)
        #expect(try configuration["task_type"].string() == "CAUSAL_LM")

        let base = try await language.evaluate("texts.jsonl", "--json")
        let adapted = try await language.evaluate("texts.jsonl", "--adapter", scene.path("adapter"), "--json")
        try #require(base.status == 0 && adapted.status == 0, "\(base.errors) \(adapted.errors)")
        let (before, after) = (try base.json(), try adapted.json())
        #expect(try after["loss"].double() == last["loss"].double())
        #expect(try after["loss"].double() < 0.95 * before["loss"].double())
        #expect(try abs(after["metrics"]["perplexity"].double() / exp(after["loss"].double()) - 1) < 1e-9)
        #expect(try after["count"].int() == 6)
        let readable = try await language.evaluate("texts.jsonl", "--adapter", scene.path("adapter"))
        #expect(readable.output.contains("over 6 examples\nperplexity  "))

        let run = JSONReader(try JSONValue(contentsOf: scene.path("adapter/run.json")), source: "run.json")
        #expect(try run["data"]["train"]["rows"].int() == 6 && run["labels"].strings().isEmpty)
        #expect(scene.exists("adapter/report.html"))
    }

    @Test("learn completions alone, everything, or what the assistant says")
    func learntPart() async throws {
        func loss(_ data: String, _ part: String) async throws -> Double {
            let outcome = try await language.evaluate(data, "--loss-on", part, "--json")
            try #require(outcome.status == 0, "\(outcome.errors)")
            return try outcome.json()["loss"].double()
        }
        let standard = try await language.evaluate("pairs.jsonl", "--json").json()["loss"].double()
        #expect(try await loss("pairs.jsonl", "completions") == standard)
        #expect(try await loss("pairs.jsonl", "answers") == standard)
        // The same texts as a whole.
        #expect(try await loss("pairs.jsonl", "all") == loss("texts.jsonl", "all"))
        #expect(try await loss("pairs.jsonl", "all") != standard)
        #expect(try await loss("talks.jsonl", "completions") == loss("talks.jsonl", "all"))
        #expect(try await loss("talks.jsonl", "answers") != loss("talks.jsonl", "all"))
        let trained = try await language.train("talks.jsonl", "--loss-on", "answers")
        #expect(trained.status == 0, "\(trained.errors)")
    }

    @Test("cut a book into blocks, of which the end of one may begin the next")
    func blocks() async throws {
        func count(_ options: String...) async throws -> Int {
            let outcome = try await Peft.run(
                ["evaluate", "--model", scene.path("language"), "--data", scene.path("book.txt"), "--json"] + options
            )
            try #require(outcome.status == 0, "\(outcome.errors)")
            return try outcome.json()["count"].int()
        }
        // Six lines of 36 letters, and the end token.
        #expect(try await count("--max-length", "32") == 7)
        #expect(try await count("--max-length", "32", "--text-layout", "blocks") == 7)
        #expect(try await count("--max-length", "32", "--text-layout", "separate") == 1)
        #expect(try await count("--max-length", "32", "--text-overlap", "16") == 13)
        let outcome = try await language.train("book.txt", "--block-size", "40", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try outcome.json()["steps"].int() == 6)
    }

    @Test("are gone on with from a checkpoint as if nothing had been")
    func resume() async throws {
        let options = ["--save-steps", "2", "--seed", "3"]
        let whole = try await language.train("pairs.jsonl", options[0], options[1], options[2], options[3])
        try #require(whole.status == 0, "\(whole.errors)")
        let expected = try scene.bytes("adapter/adapter_model.safetensors")
        for name in ["checkpoint-4", "checkpoint-6", "adapter_model.safetensors", "adapter_config.json"] {
            try FileManager.default.removeItem(at: scene.url("adapter/\(name)"))
        }
        let rest = try await language.train("pairs.jsonl", options[0], options[1], options[2], options[3], "--resume")
        #expect(rest.status == 0 && rest.errors.contains("going on after step 2"), "\(rest.errors)")
        #expect(try scene.bytes("adapter/adapter_model.safetensors") == expected)
        let other = try await language.train(
            "pairs.jsonl",
            options[0],
            options[1],
            options[2],
            options[3],
            "--resume",
            "--loss-on",
            "all"
        )
        other.expectRefusal("data is ")
    }

    @Test("are trained on from an adapter, merged, and counted")
    func uses() async throws {
        let adapter = scene.path("adapter")
        let first = try await language.train("texts.jsonl", "--max-length", "24")
        try #require(first.status == 0, "\(first.errors)")
        let second = try await language.train("texts.jsonl", "--from-adapter", adapter, output: "second")
        #expect(second.status == 0, "\(second.errors)")
        let sidecar = JSONReader(try JSONValue(contentsOf: scene.path("second/peftkit.json")), source: "peftkit.json")
        #expect(try sidecar["maximum_length"].int() == 24 && sidecar["task"].string() == "language-model")

        let merged = try await language.run("merge", "--adapter", adapter, "--output", scene.path("merged"))
        try #require(merged.status == 0, "\(merged.errors)")
        let expected = try await language.evaluate("texts.jsonl", "--adapter", adapter, "--json").json()["loss"]
            .double()
        let found = try await Peft.run(
            [
                "evaluate", "--model", scene.path("merged"), "--data", scene.path("texts.jsonl"), "--max-length", "24",
                "--json",
            ]
        )
        #expect(try abs(found.json()["loss"].double() - expected) < 1e-5, "\(found.errors)")

        let parameters = try await language.run("parameters", "--json")
        #expect(parameters.status == 0, "\(parameters.errors)")
        let inspected = try await Peft.run(["inspect", adapter])
        #expect(inspected.output.contains("CAUSAL_LM"), "\(inspected.errors)")
    }

    @Test("refuse what only classifiers have, and classifiers what only they have")
    func otherTask() async throws {
        let smoothing = try await language.train("texts.jsonl", "--label-smoothing-factor", "0.1")
        smoothing.expectRefusal(code: 64, "--label-smoothing-factor is for classes, not for a language-model")
        let metric = try await language.evaluate("texts.jsonl", "--metrics", "accuracy")
        metric.expectRefusal("there is no metric 'accuracy' here; the metrics are perplexity")
        let layout = try await scene.train("--text-layout", "blocks")
        layout.expectRefusal(code: 64, "--text-layout is for a language model, not for a classification")
        let overlap = try await language.train("book.txt", "--text-layout", "separate", "--text-overlap", "2")
        overlap.expectRefusal(code: 64, "--text-overlap is for blocks")
        let trained = try await language.train("texts.jsonl")
        try #require(trained.status == 0, "\(trained.errors)")
        let task = try await language.evaluate(
            "texts.jsonl",
            "--adapter",
            scene.path("adapter"),
            "--task",
            "classification"
        )
        task.expectRefusal("--task classification does not fit", "trained for language-model")
        let predicted = try await language.run("predict", "--adapter", scene.path("adapter"), "--text", "the sky")
        predicted.expectRefusal("is for a language model (CAUSAL_LM)")
        let named = try await language.evaluate("texts.jsonl", "--adapter", "a=" + scene.path("adapter"))
        named.expectRefusal("adapters with names are for classifiers")
    }

    @Test("refuse a bad document with its place, before anything is written")
    func badDocuments() async throws {
        try scene.write("{\"text\": \"good\"}\n{\"prompt\": \"the sky\"}\n", to: "bad.jsonl")
        try scene.write("{\"prompt\": \"the sky is high\", \"completion\": \" up\"}\n", to: "long.jsonl")
        try scene.write(#"{"messages": [{"role": "user", "content": "the sky"}]}"# + "\n", to: "unanswered.jsonl")
        try await scene.expectNothingWritten {
            try await language.train("bad.jsonl").expectRefusal("bad.jsonl:2: no key 'completion' beside 'prompt'")
            try await language.train("long.jsonl", "--max-length", "8")
                .expectRefusal(
                    "long.jsonl:1: the first token that is to be predicted is number ",
                    "raise the maximum length"
                )
            try await language.train("unanswered.jsonl", "--loss-on", "answers")
                .expectRefusal("unanswered.jsonl:1: nobody says anything as assistant")
            try await language.train("train.csv").expectRefusal("train.csv: there is no such file")
            try await language.train("texts.jsonl", "--max-length", "99")
                .expectRefusal("a maximum length of 99 is more than the 48 tokens the model can read")
        }
    }
}
