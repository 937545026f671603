import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("A run that cannot start or go on says why")
struct TrainingErrorTests {
    let run: TestRun

    init() throws {
        run = try TestRun()
    }

    private func refusal(
        _ examples: [ClassificationExample],
        _ arguments: TrainingArguments = TrainingArguments(),
        task: ClassificationTask<BERT> = ClassificationTask(),
        adapter: AdapterBundle? = nil
    ) async throws -> String {
        let adapter = try adapter ?? run.adapter()
        let events = Notes<TrainingEvent>()
        let error = await #expect(throws: TrainingError.self) {
            try await run.trainer(arguments, task: task).train(adapter, on: examples, report: { events.add($0) })
        }
        #expect(events.all.isEmpty)
        return error?.description ?? ""
    }

    @Test("no examples")
    func noExamples() async throws {
        #expect(try await refusal([]) == "there are no examples; at least one is needed")
    }

    @Test("a label smoothing that makes no sense, and weights that are not those of the classes")
    func objective() async throws {
        let bad: [(ClassificationTask<BERT>, String)] = [
            (ClassificationTask(labelSmoothing: 1), "the label smoothing must be at least 0 and below 1, not 1.0"),
            (ClassificationTask(labelSmoothing: .nan), "the label smoothing must be at least 0 and below 1, not nan"),
            (
                ClassificationTask(classWeights: [1, 2]),
                "there are 2 class weights, the head scores for 3 classes"
            ),
            (
                ClassificationTask(classWeights: [1, 0, 2]),
                "every class weight must be a number above 0, not 0.0"
            ),
        ]
        for (task, text) in bad { #expect(try await refusal(run.examples, task: task) == text) }
    }

    @Test("a text longer than the model reads, before any work")
    func tooLong() async throws {
        let long = ClassificationExample(ids: Array(repeating: 5, count: 65), label: 0)
        let text = try await refusal(run.examples.prefix(2) + [long])
        #expect(text == "example 2 has 65 tokens, the model reads at most 64; lower the maximum length")
    }

    @Test("virtual tokens, keys and values take their share of the length")
    func reserved() async throws {
        let full = ClassificationExample(ids: Array(repeating: 5, count: 62), label: 0)
        let adapter = try AdapterBundle(ReservingMethod(), for: run.base.architecture, labels: ["a", "b", "c"])
        let text = try await refusal([full], adapter: adapter)
        #expect(text == "example 0 has 62 tokens, the model reads at most 61; lower the maximum length")
        await #expect(throws: TrainingError.self) { try await Evaluator(run.base).evaluate(adapter, on: [full]) }
    }

    @Test("an example without tokens, with a token that has no embedding, or of a class without a score")
    func unreadable() async throws {
        let bad = [
            (ClassificationExample(ids: [], label: 0), "has no tokens"),
            (
                ClassificationExample(ids: [5, 120], label: 0),
                "has the token 120, the model embeddings for 0 to 119 only"
            ),
            (ClassificationExample(ids: [-1], label: 0), "has the token -1, the model embeddings for 0 to 119 only"),
            (ClassificationExample(ids: [5], label: 3), "has the class 3, the head scores for 3 classes only"),
            (ClassificationExample(ids: [5], label: -1), "has the class -1, the head scores for 3 classes only"),
        ]
        let adapter = try run.adapter()
        for (example, reason) in bad {
            #expect(try await refusal(run.examples + [example]) == "example 20 \(reason)")
            let error = await #expect(throws: TrainingError.self) {
                try await Evaluator(run.base).evaluate(adapter, on: run.examples + [example])
            }
            #expect(error?.description == "example 20 \(reason)")
        }
    }

    @Test("an argument that makes no sense, by its name")
    func arguments() async throws {
        func refuse(_ name: String, _ change: (inout TrainingArguments) -> Void) async throws {
            var arguments = TrainingArguments()
            change(&arguments)
            #expect(try await refusal(run.examples, arguments).hasPrefix("the \(name) must be "))
        }
        try await refuse("number of epochs") { $0.epochs = 0 }
        try await refuse("batch size") { $0.batchSize = 0 }
        try await refuse("number of accumulation steps") { $0.accumulationSteps = -1 }
        for value in [0, -1, .nan, .infinity] { try await refuse("learning rate") { $0.learningRate = value } }
        for value in [-0.1, .nan] { try await refuse("weight decay") { $0.optimizer = AdamW(weightDecay: value) } }
        for value in [-0.1, 1, .nan] {
            try await refuse("beta 1") { $0.optimizer = AdamW(beta1: value) }
            try await refuse("beta 2") { $0.optimizer = AdamW(beta2: value) }
            try await refuse("base dropout") { $0.baseDropout = value }
        }
        try await refuse("epsilon") { $0.optimizer = AdamW(epsilon: 0) }
        for value in [-1, .nan, .infinity] {
            try await refuse("NEFTune noise alpha") { $0.neftuneNoiseAlpha = value }
        }
        try await refuse("maximum gradient norm") { $0.maximumGradientNorm = 0 }
    }

    @Test("a loss that is no number any more, with the step", arguments: [nil, 1.0])
    func diverged(bound: Double?) async throws {
        let arguments = TrainingArguments(epochs: 5, batchSize: 4, learningRate: 1e30, maximumGradientNorm: bound)
        let steps = Notes<Double>()
        let error = await #expect(throws: TrainingError.self) {
            try await run.trainer(arguments).train(
                run.wholeModel(),
                on: run.examples,
                report: { event in
                    if case .step(let step) = event { steps.add(step.loss) }
                }
            )
        }
        #expect(!steps.all.isEmpty && steps.all.allSatisfy(\.isFinite))
        let text = error?.description ?? ""
        #expect(text.contains(" in step \(steps.all.count + 1), on examples "))
        #expect(text.contains("; lower the learning rate"))
    }

    @Test("gradients that are no numbers while the loss still is one")
    func divergedGradient() async throws {
        // B is zero and so is what the adapter adds, but B's gradient is beyond the largest float.
        let method = LoRA(rank: 1, alpha: 3e38, targets: .names(["value"]))
        var adapter = try AdapterBundle(method, for: run.base.architecture, labels: ["a", "b", "c"])
        adapter.visitParameters {
            if $0.path.hasSuffix("lora_A.weight") { $0.value = Tensor(repeating: 1000, [1, 32]) }
        }
        let error = await #expect(throws: TrainingError.self) {
            try await run.trainer(TrainingArguments()).train(adapter, on: run.examples)
        }
        #expect(error?.description.contains("the norm of the gradients became") == true, "\(error as Any)")
    }

    @Test("an evaluation of a base without a head")
    func noHead() async throws {
        let base = try Golden.model("unprefixed")
        let error = await #expect(throws: TrainingError.self) {
            try await Evaluator(base).evaluate(nil, on: run.examples)
        }
        #expect(error?.description.contains("has no classifier of its own; give an adapter that brings one") == true)
    }
}

/// A method that takes three positions from the text and does nothing with them.
private struct ReservingMethod: AdapterMethod {
    struct Weights: AdapterWeights {
        var reservedPositions: Int { 3 }

        mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {}
    }

    static let name = "reserving"

    func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> Weights { Weights() }
}
