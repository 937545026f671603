import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTraining

/// Classification that notes which examples came in which shard.
struct SpyingTask: TrainingTask {
    /// The indices of every shard, as they were worked on.
    let notes = Notes<[Int]>()
    private let task = ClassificationTask<BERT>()

    func tokenCount(of example: ClassificationExample) -> Int { task.tokenCount(of: example) }
    func weight(of example: ClassificationExample) -> Double { task.weight(of: example) }

    func addContent(of example: ClassificationExample, to digest: inout ContentDigest) {
        task.addContent(of: example, to: &digest)
    }

    func loss(
        of examples: [(index: Int, example: ClassificationExample)],
        model: BERT,
        divisor: Double,
        _ context: ForwardContext
    ) -> ShardLoss {
        notes.add(examples.map(\.index))
        return task.loss(of: examples, model: model, divisor: divisor, context)
    }
}
