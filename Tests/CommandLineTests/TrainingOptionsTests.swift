import Foundation
import PEFTFormats
import Testing

@Suite("Options of a run's optimizer, schedule, evaluations and end")
struct TrainingOptionsTests {
    private func rates(_ options: String...) async throws -> [Double] {
        let scene = try Scene()
        let arguments = scene.arguments(output: "adapter")
        let outcome = try await Peft.run(arguments + ["--max-steps", "4", "--batch-size", "2", "--json"] + options)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try outcome.json()["learning_rates"].elements().map { try $0.double() / 5e-4 }
    }

    @Test("every optimizer trains, and no two alike")
    func optimizers() async throws {
        var weights: Set<Data> = []
        for options in [
            ["--optimizer", "adamw"], ["--optim", "sgd"], ["--optimizer", "sgd", "--momentum", "0.9", "--nesterov"],
            ["--optimizer", "lion"], ["--optimizer", "adafactor"],
        ] {
            let scene = try Scene()
            let outcome = try await Peft.run(scene.arguments(output: "adapter") + ["--batch-size", "2"] + options)
            try #require(outcome.status == 0, "\(outcome.errors)")
            weights.insert(try scene.bytes("adapter/adapter_model.safetensors"))
        }
        #expect(weights.count == 5)
    }

    @Test("every schedule has its first and last rate")
    func schedules() async throws {
        func expect(_ found: [Double], _ wanted: [Double]) {
            #expect(found.count == wanted.count)
            for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-9, "\(found)") }
        }
        expect(try await rates(), [1, 0.75, 0.5, 0.25])
        expect(try await rates("--warmup-ratio", "0.5"), [0, 0.5, 1, 0.5])
        expect(try await rates("--scheduler", "constant"), [1, 1, 1, 1])
        expect(try await rates("--scheduler", "constant_with_warmup", "--warmup-steps", "2"), [0, 0.5, 1, 1])
        expect(try await rates("--lr-scheduler-type", "cosine_with_restarts", "--lr-cycles", "2"), [1, 0.5, 1, 0.5])
        expect(try await rates("--scheduler", "polynomial", "--lr-end-ratio", "0.5"), [1, 0.875, 0.75, 0.625])
        expect(try await rates("--scheduler", "warmup_stable_decay", "--lr-decay-steps", "2"), [1, 1, 1, 0.5])
        #expect(try await rates("--scheduler", "cosine").last ?? 0 < 0.15)
        let roots = [0, 1, 0.5.squareRoot(), (1 / 3.0).squareRoot()]
        expect(try await rates("--scheduler", "inverse_sqrt", "--warmup-steps", "1"), roots)
    }

    @Test("early stopping ends a run that cannot get better, and keeps its adapter")
    func earlyStopping() async throws {
        let scene = try Scene()
        let outcome = try await scene.train(
            "--validation",
            scene.path("test.jsonl"),
            "--epochs",
            "20",
            "--learning-rate",
            "1e-30",
            "--early-stopping-patience",
            "2",
            "--metric-for-best-model",
            "accuracy",
            "--load-best-model-at-end"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        let history = JSONReader(try JSONValue(contentsOf: scene.path("adapter/history.json")), source: "history")
        #expect(try history["evaluations"].elements().count == 3)
        #expect(try history["stopped"].string() == "early stopping")
        #expect(try history["best"]["step"].int() == 1)
    }

    @Test("only the last checkpoints stay, and the best")
    func limit() async throws {
        let scene = try Scene()
        try await scene.trained("--epochs", "5", "--save-strategy", "epoch", "--save-total-limit", "2")
        let names = try FileManager.default.contentsOfDirectory(atPath: scene.path("adapter"))
        #expect(names.filter { $0.hasPrefix("checkpoint-") }.sorted() == ["checkpoint-4", "checkpoint-5"])
    }

    @Test(
        "options that contradict each other, or need another, are refused before any work",
        arguments: [
            (["--momentum", "0.9"], "--momentum belongs to --optimizer sgd, not to adamw"),
            (
                ["--optimizer", "lion", "--adam-epsilon", "1"],
                "--adam-epsilon belongs to --optimizer adamw, not to lion"
            ),
            (["--lr-power", "2"], "--lr-power belongs to --lr-scheduler-type polynomial, not to linear"),
            (["--warmup-steps", "1", "--warmup-ratio", "0.1"], "--warmup-steps and --warmup-ratio say the same"),
            (["--warmup-ratio", "2"], "the warm-up ratio must be from 0 to 1, not 2.0"),
            (["--scheduler", "warmup_stable_decay"], "needs --lr-decay-steps"),
            (["--eval-strategy", "steps"], "--eval-strategy steps needs --eval-steps"),
            (["--eval-steps", "3"], "--eval-steps needs --eval-strategy steps"),
            (["--save-strategy", "no", "--save-steps", "3"], "--save-steps needs --save-strategy steps"),
            (["--load-best-model-at-end"], "--load-best-model-at-end needs --validation"),
            (["--early-stopping-patience", "1"], "--early-stopping-patience needs --validation"),
            (["--scheduler", "reduce_lr_on_plateau"], "--lr-scheduler-type reduce_lr_on_plateau needs --validation"),
            (["--resume", "--overwrite-output-dir"], "--resume goes on with what --overwrite-output-dir would remove"),
            (["--logging-dir", "logs"], "--logging-dir needs --report-to tensorboard"),
            (["--max-steps", "0"], "the number of steps must be from 1 to 1000000, not 0"),
        ]
    )
    func refusals(options: [String], message: String) async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            let outcome = try await Peft.run(scene.arguments(data: "absent.jsonl", output: "adapter") + options)
            outcome.expectRefusal(code: 64, message)
        }
    }

    @Test("a metric that nobody measures is refused before the first step")
    func unknownMetric() async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            let outcome = try await scene.train(
                "--validation",
                scene.path("test.jsonl"),
                "--metric-for-best-model",
                "mse"
            )
            outcome.expectRefusal(code: 64, "--metric-for-best-model must be loss or one of the metrics (accuracy, ")
        }
    }

    @Test("TensorBoard's event files go where they are wanted")
    func tensorBoard() async throws {
        let scene = try Scene()
        try await scene.trained("--report-to", "tensorboard")
        try await scene.trained("--report-to", "tensorboard", "--logging-dir", scene.path("logs"), output: "other")
        for folder in ["adapter/runs", "logs"] {
            let names = try FileManager.default.contentsOfDirectory(atPath: scene.path(folder))
            #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents."))
        }
        #expect(!scene.exists("other/runs"))
    }
}
