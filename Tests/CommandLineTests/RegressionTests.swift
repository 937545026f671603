import Foundation
import PEFTFormats
import Testing

@Suite("Regression and metrics on the command line")
struct RegressionTests {
    private func scene(_ checkpoint: String = "classifier") throws -> Scene {
        let scene = try Scene(checkpoint: checkpoint)
        let rows = [
            ("a good film", 4.5), ("a bad film", 1.25), ("warm story", 4), ("dull plot", 1), ("good cast", 3.5),
        ]
        let lines = rows.map { "{\"text\": \"\($0)\", \"label\": \($1)}\n" }.joined()
        try scene.write(lines, to: "stars.jsonl")
        return scene
    }

    @Test("train, evaluate and predict numbers")
    func wholePath() async throws {
        let scene = try scene()
        let options = ["--task", "regression", "--validation", scene.path("stars.jsonl"), "--json"]
        let training = try await scene.trained(
            options[0],
            options[1],
            options[2],
            options[3],
            options[4],
            from: "stars.jsonl"
        )
        let last = try training.json()["epochs"].elements()[0]["validation"]
        #expect(try last["metrics"].object().keys == ["mse", "rmse", "mae", "pearson", "spearman"])

        let adapter = ["--adapter", scene.path("adapter")]
        let data = ["--data", scene.path("stars.jsonl")]
        let evaluation = try await scene.evaluate(adapter[0], adapter[1], data[0], data[1], "--json")
        #expect(evaluation.status == 0, "\(evaluation.errors)")
        let report = try evaluation.json()
        #expect(try report["count"].int() == 5)
        #expect(try report["loss"].double() == last["loss"].double())
        #expect(try abs(report["metrics"]["mse"].double() - report["loss"].double()) < 1e-9)

        let readable = try await scene.evaluate(adapter[0], adapter[1], data[0], data[1], "--metrics", "mae,pearson")
        #expect(readable.output.contains("over 5 examples\nmae      "))
        #expect(readable.output.contains("\npearson  ") && !readable.output.contains("spearman"))

        let prediction = try await scene.predict(adapter[0], adapter[1], "--text", "a good film", "--json")
        #expect(try prediction.json().object().keys == ["value"])
        #expect(try prediction.json()["value"].double().isFinite)
    }

    @Test("a model whose config.json says regression is trained for one, and measured without an adapter")
    func modelSaysRegression() async throws {
        let scene = try scene("one-label")
        let config = String(decoding: try scene.bytes("model/config.json"), as: UTF8.self)
        let stated = try #require(config.range(of: "{")).upperBound
        try scene.write(
            "{\"problem_type\": \"regression\"," + config[stated...].replacing(/"problem_type": null,/, with: ""),
            to: "model/config.json"
        )
        try await scene.trained(from: "stars.jsonl")
        let sidecar = try JSONValue(contentsOf: scene.path("adapter/peftkit.json"))
        #expect(try JSONReader(sidecar, source: "peftkit.json")["task"].string() == "regression")
        let evaluation = try await scene.evaluate("--data", scene.path("stars.jsonl"), "--json")
        #expect(try evaluation.json()["metrics"]["mse"].double() > 0)
    }

    @Test("a label that is no number is refused with its line, at training and at evaluation")
    func noNumber() async throws {
        let scene = try scene()
        try await scene.trained("--task", "regression", from: "stars.jsonl")
        for outcome in [
            try await scene.train("--task", "regression", output: "new", from: "train.jsonl"),
            try await scene.evaluate("--adapter", scene.path("adapter"), "--data", scene.path("train.jsonl")),
        ] {
            outcome.expectRefusal("train.jsonl:1", "the label 'positive' is no number")
        }
    }

    @Test("--metrics are shown beside the table, and in JSON by their names")
    func metrics() async throws {
        let scene = try scene()
        try await scene.trained()
        let names = "accuracy,f1_macro,matthews_correlation,roc_auc,f1_weighted"
        let options = ["--adapter", scene.path("adapter"), "--data", scene.path("test.jsonl"), "--metrics", names]
        let json = try await scene.evaluate(options[0], options[1], options[2], options[3], options[4], names, "--json")
        #expect(json.status == 0, "\(json.errors)")
        let report = try json.json()
        #expect(try report["metrics"].object().keys == names.split(separator: ",").map(String.init))
        #expect(try report["metrics"]["f1_macro"].double() == report["f1"].double())
        // The class "neutral" has no example.
        #expect(try report["metrics"]["roc_auc"].value == nil || report["metrics"]["roc_auc"].ifPresent == nil)
        let text = try await scene.evaluate(options[0], options[1], options[2], options[3], options[4], names)
        #expect(text.output.contains("\nroc_auc               undefined\n") && text.output.contains("\nmean "))
    }

    @Test("an unknown metric, and one of another task, are refused with the names there are")
    func unknownMetrics() async throws {
        let scene = try scene()
        let unknown = try await scene.evaluate("--data", scene.path("test.jsonl"), "--metrics", "accuracy,r2")
        unknown.expectRefusal(code: 64, "there is no metric 'r2'", "accuracy, balanced_accuracy,", "spearman")
        let other = try await scene.evaluate("--data", scene.path("test.jsonl"), "--metrics", "pearson")
        other.expectRefusal("there is no metric 'pearson'", "roc_auc")
    }

    @Test("another task than the adapter's is refused")
    func otherTask() async throws {
        let scene = try scene()
        try await scene.trained("--task", "regression", from: "stars.jsonl")
        let outcome = try await scene.train(
            "--task",
            "classification",
            "--from-adapter",
            scene.path("adapter"),
            output: "new"
        )
        outcome.expectRefusal("--task classification does not fit", "trained for regression")
    }
}
