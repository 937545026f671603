import Foundation
import PEFTAutograd
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("A regression agrees with transformers and peft")
struct RegressionGoldenTests {
    let golden: AdapterGolden

    init() throws {
        golden = try AdapterGolden("one-label")
    }

    private func examples(_ set: String) throws -> [RegressionExample] {
        try golden.examples(set).map { RegressionExample(ids: $0.ids, typeIDs: $0.typeIDs, label: Double($0.label)) }
    }

    /// The task's loss, and the gradients it leads to.
    private func pass(_ adapter: AdapterBundle, records: Bool = true) throws -> (
        outputs: [Double], loss: Double, gradients: [String: Tensor]
    ) {
        let examples = try examples("batch")
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: records), adapter: adapter)
        let numbered = examples.enumerated().map { (index: $0.offset, example: $0.element) }
        let count = Double(examples.count)
        let loss = RegressionTask().loss(of: numbered, model: golden.base.architecture, divisor: count, context)
        if records { context.tape.backward(from: loss.output, seed: loss.gradient) }
        let gradients = adapter.parameters.reduce(into: [:]) { $0[$1.path] = context.gradient(of: $1) }
        return (loss.output.value.elements.map(Double.init), loss.sum / count, gradients)
    }

    @Test("a folder of peft's with one label is a regression, as in transformers")
    func task() {
        #expect(golden.adapter.task == .regression && golden.base.architecture.task == .regression)
    }

    @Test("the outputs, the mean squared error and the gradient of every trainable tensor")
    func gradients() throws {
        let result = try pass(golden.adapter)
        let outputs = try golden.expected["logits"].matrix()
        #expect(Agreement.tolerances(result.outputs.map { [$0] }, outputs) < 1)
        let loss = try golden.expected["loss"].double()
        #expect(abs(result.loss - loss) < 1e-5 * max(1, loss))
        let expected = try golden.byPath("gradients.safetensors")
        #expect(Set(expected.keys) == Set(golden.adapter.parameters.map(\.path)))
        let worst = Agreement.worst(result.gradients, expected)
        #expect(worst.error < 1e-4, "\(worst.name)")
    }

    @Test("the gradient of every tensor is the loss's slope along it, by finite differences")
    func slopes() throws {
        let gradients = try pass(golden.adapter).gradients
        for (path, gradient) in gradients {
            let norm = Kernels.sumOfSquares(gradient).squareRoot()
            // The loss moves by about 0.01 along the gradient; Richardson's extrapolation removes the error in h².
            let step = min(0.01 / norm, 0.03)
            func quotient(_ h: Double) throws -> Double {
                let losses = try [h, -h].map { distance in
                    var moved = golden.adapter
                    moved.visitParameters { parameter in
                        guard parameter.path == path else { return }
                        let values = zip(parameter.value.elements, gradient.elements).map {
                            Float(Double($0) + distance * Double($1) / norm)
                        }
                        parameter.value = Tensor(parameter.value.shape, values)
                    }
                    return try pass(moved, records: false).loss
                }
                return (losses[0] - losses[1]) / (2 * h)
            }
            let slope = try (4 * quotient(step / 2) - quotient(step)) / 3
            #expect(abs(slope - norm) < 1e-3 * norm, "\(path): slope \(slope), norm of the gradient \(norm)")
        }
    }

    @Test("ten optimizer steps with clipping, decay and warm-up", arguments: [1, 2, 3])
    func training(threads: Int) async throws {
        try await golden.checkTraining(golden.adapter, RegressionTask(), examples("training"), threads: threads)
    }

    @Test("its metrics are those of its outputs, and its loss the mean squared error")
    func evaluation() async throws {
        let report = try await Evaluator(golden.base).evaluate(golden.adapter, on: try examples("batch"))
        #expect(report.metrics.map(\.name) == ["mse", "rmse", "mae", "pearson", "spearman"])
        let loss = try golden.expected["loss"].double()
        #expect(abs(report.loss - loss) < 1e-5 * max(1, loss))
        #expect(abs((report.metric(named: "mse")?.value ?? .nan) - report.loss) < 1e-9)
        #expect(report.confusion == nil && report.mistakes.isEmpty)
        #expect(report.metric(named: "mse")?.higherIsBetter == false)
    }

    @Test("a folder saved here says what it is, for peft in its own files and for us in the sidecar")
    func saving() throws {
        try golden.checkSaving()
        let copy = FileManager.default.temporaryDirectory.appending(path: "peftkit-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try golden.adapter.save(to: copy, for: golden.base)
        let folder = try AdapterFolder(copy)
        #expect(folder.task == .regression)
        #expect(try folder.adapter(for: golden.base).task == .regression)
    }

    @Test("one label that is said to be a class stays one when saved, and is written into a merged model's config.json")
    func oneClass() throws {
        let model = golden.base.architecture
        for task in [PredictionTask.classification, .regression] {
            let adapter = try AdapterBundle(LoRA(rank: 2), for: model, labels: ["spam"], task: task)
            let copy = FileManager.default.temporaryDirectory.appending(path: "peftkit-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: copy) }
            try adapter.save(to: copy, for: golden.base)
            #expect(try AdapterFolder(copy).adapter(for: golden.base).task == task)
            let merged = copy.appendingPathExtension("merged")
            defer { try? FileManager.default.removeItem(at: merged) }
            try golden.base.merging(adapter).save(to: merged)
            let reopened = try FrozenModel<BERT>.open(merged)
            #expect(reopened.architecture.statedTask == task && reopened.architecture.task == task)
        }
    }
}
