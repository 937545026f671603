import Foundation
import PEFTFormats
import Testing

/// A training run of 60 steps with checkpoints, an evaluation every 12 steps and dropout, to be disturbed.
struct LongRun {
    let scene: Scene
    let output: String

    static let steps = 60

    /// - Parameter output: the run's folder; two of one scene share model and data.
    init(_ scene: Scene, output: String = "run") {
        self.scene = scene
        self.output = output
    }

    var arguments: [String] {
        [
            "train", "--model", scene.path("model"), "--train", scene.path("train.jsonl"), "--validation",
            scene.path("test.jsonl"), "--output", scene.path(output), "--threads", "2", "--epochs", "15",
            "--batch-size",
            "2", "--dropout", "0.1", "--learning-rate", "1e-3", "--save-steps", "4", "--eval-strategy", "steps",
            "--eval-steps", "12", "--load-best-model-at-end", "--logging-steps", "5",
        ]
    }

    /// Runs to the end, from the newest checkpoint if there is one.
    @discardableResult
    func resume(_ options: String...) async throws -> Peft.Outcome {
        let outcome = try await Peft.run(arguments + ["--resume"] + options)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    /// What two runs that are the same have in common: everything but times.
    func result() throws -> [String: Data] {
        let names =
            ["adapter_config.json", "adapter_model.safetensors", "peftkit.json", "history.json", "evaluation.json"]
            + [
                "trainer.safetensors", "trainer_state.json", "history.json", "checkpoint.json",
                "adapter_model.safetensors",
            ]
            .map { "checkpoint-\(Self.steps)/\($0)" }
        return try names.reduce(into: [:]) { $0[$1] = try scene.bytes("\(output)/\($1)") }
    }

    /// Makes sure that nothing in the run's folder is half-written.
    func expectWholeFiles() throws {
        guard scene.exists(output) else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: scene.path(output)) {
            let path = scene.path("\(output)/\(name)")
            if name.hasPrefix("checkpoint-") {
                #expect(FolderManifest.fault(of: path, manifest: "checkpoint.json") == nil)
            } else if name.hasSuffix(".json") {
                #expect(throws: Never.self) { try JSONValue(contentsOf: path) }
            } else if name.hasSuffix(".safetensors") {
                #expect(throws: Never.self) { try SafetensorsFile(path: path) }
            }
        }
        // The configuration makes an adapter; with it come the weights.
        if scene.exists("\(output)/adapter_config.json") {
            #expect(scene.exists("\(output)/adapter_model.safetensors"))
        }
    }
}
