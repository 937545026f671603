import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Evaluation")
struct EvaluatorTests {
    let run: TestRun

    init() throws {
        run = try TestRun()
    }

    @Test("gives the metrics of the logits' largest classes, and their mean loss")
    func metrics() async throws {
        let adapter = try run.adapter()
        let report = try await Evaluator(run.base).evaluate(adapter, on: run.examples)
        let pass = Pass(run.base.architecture, adapter, run.examples, records: false)
        let predictions = pass.logits.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 }
        let labels = run.examples.map(\.label)
        let expected = ConfusionMatrix(labels: labels, predictions: predictions, classes: 3)
        #expect(report.confusion == expected.counts)
        #expect(report.metrics.map(\.name) == ["accuracy", "precision_macro", "recall_macro", "f1_macro"])
        #expect(report.metric(named: "accuracy")?.value == expected.accuracy)
        #expect(report.metric(named: "f1_macro")?.value == expected.average(\.f1, .macro))
        #expect(abs(report.loss - pass.loss) < 1e-5)
        #expect(Set(predictions).count > 1)
    }

    @Test("is the same for every batch size and number of workers", arguments: [1, 3, 7, 20, 1000], [1, 3])
    func batchSize(_ size: Int, threads: Int) async throws {
        let adapter = try run.adapter()
        let expected = try await Evaluator(run.base).evaluate(adapter, on: run.examples)
        let evaluator = Evaluator(run.base, workers: WorkerPool(threads: threads))
        let metrics = try await evaluator.evaluate(adapter, on: run.examples, batchSize: size)
        #expect(metrics.confusion == expected.confusion)
        #expect(abs(metrics.loss - expected.loss) < 1e-6)
    }

    @Test("drops nothing out: twice the same to the bit")
    func deterministic() async throws {
        let adapter = try run.adapter(dropout: 0.5)
        let first = try await Evaluator(run.base).evaluate(adapter, on: run.examples)
        #expect(try await Evaluator(run.base).evaluate(adapter, on: run.examples) == first)
        #expect(first.loss == (try await Evaluator(run.base).evaluate(run.adapter(), on: run.examples).loss))
    }

    @Test("uses the base's own head without an adapter")
    func baseHead() async throws {
        let metrics = try await Evaluator(run.base).evaluate(nil, on: run.examples)
        let pass = Pass(run.base.architecture, try run.wholeModel(), run.examples, records: false)
        #expect(abs(metrics.loss - pass.loss) < 1e-5)
        #expect(metrics.confusion?.count == 3)
    }

    @Test("of no examples is empty")
    func empty() async throws {
        let metrics = try await Evaluator(run.base).evaluate(run.adapter(), on: [ClassificationExample]())
        #expect(metrics.loss == 0 && metrics.confusion == Array(repeating: [0, 0, 0], count: 3))
        #expect(metrics.mistakes.isEmpty)
    }

    @Test("names the most confidently wrong examples, the most confident first, and at most 20 of them")
    func mistakes() async throws {
        let adapter = try run.adapter()
        let examples = Array(repeating: run.examples, count: 4).flatMap { $0 }
        let report = try await Evaluator(run.base).evaluate(adapter, on: examples)
        let pass = Pass(run.base.architecture, adapter, examples, records: false)
        let wrong = zip(pass.logits, examples).enumerated().compactMap { index, pair -> (Int, Double)? in
            let (logits, label) = (pair.0, pair.1.label)
            let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
            let total = logits.reduce(0) { $0 + exp($1 - logits[best]) }
            return best == label ? nil : (index, 1 / total)
        }
        #expect(wrong.count > 20 && report.mistakes.count == 20)
        let least = wrong.map(\.1).sorted(by: >)[19]
        for (mistake, next) in zip(report.mistakes, report.mistakes.dropFirst()) {
            #expect(mistake.probability >= next.probability)
        }
        for mistake in report.mistakes {
            #expect(mistake.label == examples[mistake.example].label && mistake.label != mistake.predicted)
            let probability = wrong.first { $0.0 == mistake.example }?.1 ?? 0
            #expect(abs(probability - mistake.probability) < 1e-5 && probability > least - 1e-5)
        }
    }

    @Test("takes a metric of one's own beside the library's")
    func ownMetric() async throws {
        struct ErrorRate: Metric {
            let name = "error_rate"
            let higherIsBetter = false
            func value(of predictions: ClassificationPredictions) -> Double { 1 - predictions.confusion.accuracy }
        }
        let metrics: [any Metric<ClassificationPredictions>] = [ErrorRate(), Accuracy()]
        let report = try await Evaluator(run.base).evaluate(run.adapter(), on: run.examples, metrics: metrics)
        let values = report.metrics.map(\.value)
        #expect(report.metrics.map(\.name) == ["error_rate", "accuracy"])
        #expect(report.metrics.map(\.higherIsBetter) == [false, true])
        #expect(values[0] == 1 - values[1] && (0...1).contains(values[0]))
    }
}
