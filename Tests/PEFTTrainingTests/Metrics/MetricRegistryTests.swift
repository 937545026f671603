import PEFTTraining
import Testing

@Suite("Metrics by their names")
struct MetricRegistryTests {
    struct Constant: Metric {
        let name: String
        let constant: Double
        func value(of predictions: ClassificationPredictions) -> Double { constant }
    }

    @Test("are found in the order they are asked for, each once")
    func order() throws {
        let metrics = try MetricRegistry.classification.metrics(named: ["roc_auc", "accuracy", "f1_macro", "accuracy"])
        #expect(metrics.map(\.name) == ["roc_auc", "accuracy", "f1_macro"])
    }

    @Test("an unknown one is an error that names it and all there are")
    func unknown() {
        let error = #expect(throws: MetricError.self) {
            try MetricRegistry.regression.metrics(named: ["mse", "accuracy", "r2"])
        }
        #expect(
            error?.description
                == "there is no metric 'accuracy', 'r2' here; the metrics are mse, rmse, mae, pearson, spearman"
        )
    }

    @Test("a metric of one's own is one more, and takes the place of one of its name")
    func adding() throws {
        let registry = MetricRegistry.classification.adding(Constant(name: "luck", constant: 0.5))
        #expect(registry.names == MetricRegistry.classification.names + ["luck"])
        let replaced = registry.adding(Constant(name: "accuracy", constant: 2))
        #expect(replaced.names.count == registry.names.count)
        let predictions = ClassificationPredictions(labels: [0], probabilities: [[1, 0]], classes: 2)
        #expect(try replaced.metrics(named: ["accuracy"])[0].value(of: predictions) == 2)
    }

    @Test(
        "predictions are the largest logits, the first of equals, even where probabilities are equal in their rounding"
    )
    func largest() {
        let predictions = ClassificationPredictions(
            labels: [0, 1, 1],
            logits: [[1, 1], [-3e38, 3e38], [1000, 1000.0001]],
            classes: 2
        )
        #expect(predictions.predicted == [0, 1, 1])
        #expect(predictions.probabilities[0] == [0.5, 0.5] && predictions.probabilities[1] == [0, 1])
    }
}
