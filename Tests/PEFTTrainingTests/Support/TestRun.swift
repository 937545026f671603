import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels

/// A small base, examples, and runs over them.
struct TestRun {
    let base: FrozenModel<BERT>
    let examples: [ClassificationExample]

    init() throws {
        base = try Golden.model("classifier")
        examples = try Golden.examples("training", classes: 3)
    }

    /// LoRA that is not neutral, and a head of its own.
    func adapter(dropout: Double = 0, seed: UInt64 = 1) throws -> AdapterBundle {
        let method = LoRA(rank: 3, alpha: 6, dropout: dropout, targets: .allLinear, initialization: .random)
        return try AdapterBundle(method, for: base.architecture, labels: ["a", "b", "c"], seed: seed)
    }

    /// Every tensor of the base, the head included.
    func wholeModel() throws -> AdapterBundle {
        try AdapterBundle(WholeModel(), for: base.architecture, labels: base.architecture.labels)
    }

    func trainer(
        _ arguments: TrainingArguments,
        task: ClassificationTask<BERT> = ClassificationTask(),
        threads: Int = 1
    ) -> Trainer<ClassificationTask<BERT>> {
        trainer(arguments, task: task, workers: WorkerPool(threads: threads))
    }

    func trainer(
        _ arguments: TrainingArguments,
        task: ClassificationTask<BERT> = ClassificationTask(),
        workers: WorkerPool
    ) -> Trainer<ClassificationTask<BERT>> {
        Trainer(base, task: task, arguments: arguments, workers: workers)
    }
}

extension AdapterWeights {
    /// The numbers of every parameter.
    var values: [[Float]] { parameters.map(\.value.elements) }
}
