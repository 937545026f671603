import PEFTKit
import Testing

/// The tasks and the model are those of `Guides/TasksOfYourOwn.md`, where nothing but public declarations is seen.
@Suite("A task and a model of one's own")
struct OwnTaskTests {
    let base = FrozenModel(WordModel(words: 40, width: 16, classes: 3, seed: 1), name: "words")

    /// Texts of even words belong together, and texts of odd ones.
    private func text(_ number: Int, odd: Bool) -> [Int32] {
        (0..<4).map { Int32((number * 7 + $0 * 3) % 20 * 2 + (odd ? 1 : 0)) }
    }

    private func adapter(
        _ targets: ModuleSelection.Targets = .allLinear,
        _ start: LoRA.Initialization = .standard
    ) throws -> AdapterBundle {
        let lora = LoRA(rank: 4, alpha: 8, targets: targets, initialization: start)
        return try AdapterBundle(lora, for: base.architecture)
    }

    private func meanLoss<Task: TrainingTask>(
        _ task: Task,
        _ examples: [Task.Example],
        _ adapter: AdapterBundle
    ) -> Double where Task.Model == WordModel {
        let numbered = examples.enumerated().map { (index: $0.offset, example: $0.element) }
        let context = ForwardContext(adapter: adapter)
        return task.loss(of: numbered, model: base.architecture, divisor: 1, context).sum / Double(examples.count)
    }

    /// Trains, and holds one step of the trainer against finite differences of the task's own loss.
    private func check<Task: TrainingTask>(
        _ task: Task,
        _ examples: [Task.Example],
        targets: ModuleSelection.Targets
    ) async throws where Task.Model == WordModel {
        let start = try adapter(targets)
        let arguments = TrainingArguments(epochs: 40, batchSize: 8, learningRate: 0.02)
        let trained = try await Trainer(base, task: task, arguments: arguments).train(start, on: examples).adapter
        #expect(meanLoss(task, examples, trained) < 0.25 * meanLoss(task, examples, start))

        // With both betas 0 and a large epsilon, a step is the learning rate times the gradient over epsilon.
        let point = try adapter(targets, .random)
        let probe = TrainingArguments(
            epochs: 1,
            batchSize: examples.count,
            learningRate: 1e4,
            optimizer: AdamW(beta1: 0, beta2: 0, epsilon: 1e6),
            maximumGradientNorm: nil,
            shuffles: false
        )
        let workers = WorkerPool(threads: 2)
        let run = try await Trainer(base, task: task, arguments: probe, workers: workers).train(point, on: examples)
        for (before, after) in zip(point.parameters, run.adapter.parameters) {
            let gradient = zip(before.value.elements, after.value.elements).map { 100 * (Double($0) - Double($1)) }
            let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(norm > 0, "\(before.path)")
            let losses = [0.005, -0.005].map { step in
                var moved = point
                moved.visitParameters { parameter in
                    guard parameter.path == before.path else { return }
                    let values = zip(parameter.value.elements, gradient).map { Float(Double($0) + step * $1 / norm) }
                    parameter.value = Tensor(parameter.value.shape, values)
                }
                return meanLoss(task, examples, moved)
            }
            #expect(abs((losses[0] - losses[1]) / 0.01 - norm) < 0.01 * norm + 1e-4, "\(before.path)")
        }
    }

    @Test("a contrastive loss over pairs, on hidden states")
    func contrastive() async throws {
        let pairs = (0..<24).map { n in
            Pair(
                first: text(n, odd: n % 2 == 0),
                second: text(n + 5, odd: n % 3 == 0),
                isMatch: (n % 2 == 0) == (n % 3 == 0)
            )
        }
        // The logits have no part in it.
        try await check(ContrastiveTask(), pairs, targets: ["hidden"])
    }

    @Test("distillation from a teacher's logits")
    func distillation() async throws {
        let teacher = WordModel(words: 40, width: 16, classes: 3, seed: 2)
        let texts = (0..<24).map { text($0, odd: $0 % 2 == 0) }
        let answers = teacher.logits(TokenBatch(texts), ForwardContext()).value
        let answered = texts.enumerated().map { row, ids in
            Answered(ids: ids, teacher: answers.rows(row..<(row + 1)).elements)
        }
        try await check(DistillationTask(temperature: 2), answered, targets: .allLinear)
    }
}
