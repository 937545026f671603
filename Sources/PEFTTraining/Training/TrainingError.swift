/// A run that cannot start or go on.
public enum TrainingError: Error, CustomStringConvertible {
    /// An argument out of its range.
    case argument(name: String, value: String, expected: String)
    /// No examples.
    case noExamples
    /// A text that is longer than the model can read.
    case tooLong(example: Int, tokens: Int, maximum: Int)
    /// A maximum length above what the model reads.
    case maximumLength(Int, limit: Int)
    /// A tokenizer with more tokens than the model has embeddings.
    case vocabulary(tokenizer: Int, model: Int)
    /// A loss that is not a number any more.
    case diverged(step: Int, loss: Double)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .argument(let name, let value, let expected):
            "the \(name) must be \(expected), not \(value)"
        case .noExamples:
            "there are no examples to train on"
        case .tooLong(let example, let tokens, let maximum):
            "example \(example) has \(tokens) tokens, the model reads at most \(maximum); lower the maximum length"
        case .maximumLength(let length, let limit):
            "a maximum length of \(length) is more than the \(limit) tokens the model can read"
        case .vocabulary(let tokenizer, let model):
            "the tokenizer has \(tokenizer) tokens, the model embeddings for \(model) only: they do not belong together"
        case .diverged(let step, let loss):
            "the loss became \(loss) in step \(step); lower the learning rate or bound the gradient norm"
        }
    }
}
