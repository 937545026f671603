import Foundation
import PEFTFormats
import Testing

@Suite("Options from a file")
struct ConfigurationFileTests {
    private func train(_ configuration: String, _ options: String..., named name: String = "run.yaml") async throws
        -> (Peft.Outcome, Scene)
    {
        let scene = try Scene()
        try scene.write(configuration.replacing("SCENE", with: scene.root.path), to: name)
        return (try await Peft.run(["train", "--config", scene.path(name)] + options), scene)
    }

    private static let yaml = """
        # what to train
        model: SCENE/model
        train: SCENE/train.jsonl
        output: SCENE/adapter
        threads: 1
        epochs: 1
        targets: [query, value]
        learning_rate: 1e-3
        no_shuffle: true
        json: true
        """

    @Test("YAML, with underscores or dashes, lists and flags")
    func yaml() async throws {
        let (outcome, scene) = try await train(Self.yaml)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try outcome.json()["learning_rates"].elements().first?.double() == 1e-3)
        let configuration = try String(contentsOf: scene.url("adapter/adapter_config.json"), encoding: .utf8)
        #expect(configuration.contains("\"query\"") && configuration.contains("\"value\""))
    }

    @Test("JSON")
    func json() async throws {
        let text = """
            {"model": "SCENE/model", "train": "SCENE/train.jsonl", "output": "SCENE/adapter", "threads": 1, "epochs": 1}
            """
        let (outcome, scene) = try await train(text, named: "run.json")
        #expect(outcome.status == 0 && scene.exists("adapter/adapter_config.json"), "\(outcome.errors)")
    }

    @Test("an option on the command line comes first")
    func overriding() async throws {
        let (outcome, _) = try await train(Self.yaml, "--learning-rate", "2e-3")
        #expect(try outcome.json()["learning_rates"].elements().first?.double() == 2e-3)
    }

    @Test("an unknown option is named with its line, and the one that is meant")
    func unknown() async throws {
        let (outcome, scene) = try await train(Self.yaml + "\nlerning-rate: 1e-3\n")
        outcome.expectRefusal("run.yaml:11: unknown option 'lerning-rate'; did you mean 'learning-rate'?")
        #expect(!scene.exists("adapter"))
    }

    @Test("a file that is missing, is no YAML, or holds something else")
    func bad() async throws {
        let scene = try Scene()
        try await Peft.run(["train", "--config", scene.path("absent.yaml")]).expectRefusal("absent.yaml: No such file")
        let (broken, _) = try await train("model: [a, b\n")
        broken.expectRefusal("run.yaml:")
        let (list, _) = try await train("- model\n")
        list.expectRefusal("run.yaml: expected options with their values")
        let (nested, _) = try await train("model: {a: b}\n")
        nested.expectRefusal("run.yaml:1: 'model' takes a value or a list of values, nothing nested")
    }

    @Test("a value that makes no sense is an error as on the command line")
    func badValue() async throws {
        let (outcome, _) = try await train(Self.yaml + "\nbatch-size: none\n")
        #expect(outcome.status == 64 && outcome.errors.contains("batch-size"), "\(outcome.errors)")
    }
}
