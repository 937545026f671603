import Foundation

/// How probable a language model holds the tokens of some texts.
public struct LanguageModelPredictions: Sendable {
    /// Σ −log p(token | tokens before it).
    public let negativeLogLikelihood: Double
    /// The number of tokens that were predicted.
    public let tokens: Int

    /// What a model makes of some tokens.
    public init(negativeLogLikelihood: Double, tokens: Int) {
        self.negativeLogLikelihood = negativeLogLikelihood
        self.tokens = tokens
    }

    /// The mean of −log p over the tokens; not a number without any.
    public var meanLoss: Double { negativeLogLikelihood / Double(tokens) }
}

/// exp(Σ −log p / n) over n tokens: among how many tokens of equal probability the model hesitates.
///
/// It is that of all texts together, each token counting alike, and not the mean of the texts' own. Perplexities can be
/// compared between models of the same tokenizer only.
public struct Perplexity: Metric {
    /// exp(Σ −log p / n).
    public init() {}

    /// `perplexity`.
    public var name: String { "perplexity" }
    /// A smaller one is better.
    public var higherIsBetter: Bool { false }

    /// The perplexity; not a number without tokens.
    public func value(of predictions: LanguageModelPredictions) -> Double { exp(predictions.meanLoss) }
}

extension [any Metric<LanguageModelPredictions>] {
    /// What a language model is judged by unless something else is asked for: its perplexity.
    public static var standard: Self { [Perplexity()] }
}

extension MetricRegistry where Predictions == LanguageModelPredictions {
    /// The metrics of language models that come with this library.
    public static var languageModel: MetricRegistry { MetricRegistry(.standard) }
}
