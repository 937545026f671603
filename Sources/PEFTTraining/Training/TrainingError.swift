/// A run that cannot start or go on.
public enum TrainingError: Error, CustomStringConvertible {
    /// An argument out of its range.
    case argument(name: String, value: String, expected: String)
    /// No examples.
    case noExamples
    /// A text that is longer than the model can read.
    case tooLong(example: Int, tokens: Int, maximum: Int)
    /// An example that the model or the adapter has no place for.
    case example(Int, reason: String)
    /// A task that does not fit the adapter.
    case task(reason: String)
    /// Neither the checkpoint nor an adapter has a head.
    case noHead(model: String)
    /// A maximum length above what the model reads.
    case maximumLength(Int, limit: Int)
    /// A tokenizer with more tokens than the model has embeddings.
    case vocabulary(tokenizer: Int, model: Int)
    /// A loss or a gradient that is not a number any more.
    case diverged(step: Int, loss: Double, gradientNorm: Double?, examples: [Int])
    /// Something that needs evaluations in a run that has none.
    case noEvaluation(for: String)
    /// Frozen blocks that are to be remembered, where there are none whose output is the same in every step.
    case nothingToRemember(RememberingObstacle)
    /// A metric that evaluations do not measure.
    case unknownMetric(String, known: [String])

    /// Why there is nothing to remember.
    public enum RememberingObstacle: Sendable, Equatable {
        /// Something trained acts on what enters the blocks, or in the first of them.
        case trained
        /// Something random acts there: what it is.
        case noise(String)
        /// The model does not run its blocks through `ForwardContext.throughBlocks`.
        case unknownBlocks

        /// What is in the way and what to do.
        var description: String {
            switch self {
            case .trained:
                "the adapter acts on the embeddings or in the first block, so that no frozen blocks are below it to be "
                    + "remembered; adapt later blocks only, or do not remember frozen blocks"
            case .noise(let noise):
                "\(noise) makes the blocks below the adapter give other states in every step, so that none can be "
                    + "remembered; turn it off (a base dropout of 0, no NEFTune), or do not remember frozen blocks"
            case .unknownBlocks:
                "the model does not say where its blocks are, so that none can be remembered; run them through "
                    + "ForwardContext.throughBlocks, or do not remember frozen blocks"
            }
        }
    }

    /// The indices of the examples it is about; empty when it is about none.
    public var examples: [Int] {
        switch self {
        case .tooLong(let example, _, _), .example(let example, _): [example]
        case .diverged(_, _, _, let examples): examples
        default: []
        }
    }

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .argument(let name, let value, let expected):
            "the \(name) must be \(expected), not \(value)"
        case .noExamples:
            "there are no examples; at least one is needed"
        case .tooLong(let example, let tokens, let maximum):
            "example \(example) has \(tokens) tokens, the model reads at most \(maximum); lower the maximum length"
        case .example(let example, let reason):
            "example \(example) \(reason)"
        case .task(let reason):
            reason
        case .noHead(let model):
            "\(model) has no classifier of its own; give an adapter that brings one"
        case .maximumLength(let length, let limit):
            "a maximum length of \(length) is more than the \(limit) tokens the model can read"
        case .vocabulary(let tokenizer, let model):
            "the tokenizer has \(tokenizer) tokens, the model embeddings for \(model) only: they do not belong together"
        case .diverged(let step, let loss, nil, let examples):
            "the loss became \(loss) in step \(step), on \(Self.list(examples)); lower the learning rate or bound the "
                + "gradient norm"
        case .diverged(let step, _, let norm?, let examples):
            "the norm of the gradients became \(norm) in step \(step), on \(Self.list(examples)); lower the learning rate"
        case .noEvaluation(let purpose):
            "\(purpose) needs evaluations; give validation data and say when to evaluate"
        case .nothingToRemember(let obstacle):
            obstacle.description
        case .unknownMetric(let name, let known):
            "the evaluation has no metric \"\(name)\"; it has \(known.joined(separator: ", "))"
        }
    }

    /// The first few of a batch.
    private static func list(_ examples: [Int]) -> String {
        let shown = examples.prefix(8).map(String.init).joined(separator: ", ")
        return "\(examples.count == 1 ? "example" : "examples") \(shown)"
            + (examples.count > 8 ? " and \(examples.count - 8) more" : "")
    }
}
