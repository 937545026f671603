public import PEFTModels

/// A classifier, or a regressor, that cannot be made.
public enum ClassifierError: Error, CustomStringConvertible {
    /// Neither the checkpoint nor an adapter has a head.
    case noHead(model: String)
    /// A head for something else.
    case otherTask(PredictionTask)
    /// More tokens than the model can read.
    case tooLong(requested: Int, limit: Int)
    /// A tokenizer with more tokens than the model has embeddings.
    case vocabulary(tokenizer: Int, model: Int)
    /// A text that the tokenizer makes nothing of.
    case noTokens(text: String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .noHead(let model):
            "\(model) has no classifier of its own; give an adapter that brings one"
        case .otherTask(.regression):
            "the head gives a number, not scores of classes: it is a regression, for which there is TextRegressor"
        case .otherTask(.classification):
            "the head gives scores of classes, not a number: it is a classification, for which there is TextClassifier"
        case .otherTask(.languageModel):
            "the adapter is for a language model, which gives the next token, not a class or a number"
        case .tooLong(let requested, let limit):
            "a maximum length of \(requested) is more than the \(limit) tokens the model can read"
        case .vocabulary(let tokenizer, let model):
            "the tokenizer has \(tokenizer) tokens, the model embeddings for \(model) only: they do not belong together"
        case .noTokens(let text):
            "the tokenizer gives no tokens for \"\(text.prefix(40))\"; a classifier needs at least one"
        }
    }
}
