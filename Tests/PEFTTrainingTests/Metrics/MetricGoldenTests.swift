import PEFTFormats
import PEFTTraining
import TestModels
import Testing

@Suite("Metrics are scikit-learn's and scipy's to 1e-12")
struct MetricGoldenTests {
    /// A metric without a value there has none here, and the other way round.
    private func expectSame<Predictions>(
        _ metrics: [any Metric<Predictions>],
        _ predictions: Predictions,
        _ expected: JSONReader,
        _ name: String
    ) throws {
        #expect(try Set(metrics.map(\.name)) == Set(expected.object().keys), "\(name)")
        for metric in metrics {
            let value = metric.value(of: predictions)
            let wanted = try expected[metric.name].ifPresent?.double()
            guard let wanted else {
                #expect(value.isNaN, "\(name): \(metric.name)")
                continue
            }
            #expect(
                abs(value - wanted) <= 1e-12 * max(1, abs(wanted)),
                "\(name): \(metric.name) \(value), not \(wanted)"
            )
        }
    }

    @Test("of classes, random and degenerate")
    func classification() throws {
        let cases = try Golden.json("metrics.json")["classification"].elements()
        #expect(cases.count > 50)
        for row in cases {
            let probabilities = try row["probabilities"].matrix()
            let predictions = ClassificationPredictions(
                labels: try row["labels"].ints(),
                probabilities: probabilities,
                classes: probabilities[0].count
            )
            let name = try row["name"].string()
            #expect(try predictions.confusion.counts == row["confusion"].elements().map { try $0.ints() }, "\(name)")
            try expectSame(MetricRegistry.classification.metrics, predictions, row["values"], name)
        }
    }

    @Test("of numbers, random and degenerate")
    func regression() throws {
        let cases = try Golden.json("metrics.json")["regression"].elements()
        #expect(cases.count > 20)
        for row in cases {
            let predictions = RegressionPredictions(
                targets: try row["targets"].doubles(),
                predicted: try row["predicted"].doubles()
            )
            try expectSame(MetricRegistry.regression.metrics, predictions, row["values"], row["name"].string())
        }
    }
}
