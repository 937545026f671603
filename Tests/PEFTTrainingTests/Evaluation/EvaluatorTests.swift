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
        let metrics = try await Evaluator(run.base).evaluate(adapter, on: run.examples)
        let pass = Pass(run.base.architecture, adapter, run.examples, records: false)
        let predictions = pass.logits.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 }
        let expected = ClassificationMetrics(
            labels: run.examples.map(\.label),
            predictions: predictions,
            classes: 3,
            loss: metrics.loss
        )
        #expect(metrics == expected)
        #expect(abs(metrics.loss - pass.loss) < 1e-5)
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
        #expect(metrics.confusion.count == 3)
    }

    @Test("of no examples is empty")
    func empty() async throws {
        let metrics = try await Evaluator(run.base).evaluate(run.adapter(), on: [])
        #expect(metrics.count == 0 && metrics.loss == 0 && metrics.confusion.count == 3)
    }
}
