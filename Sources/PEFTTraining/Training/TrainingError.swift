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
    /// A metric that evaluations do not measure.
    case unknownMetric(String, known: [String])

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
            "there are no examples to train on"
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
