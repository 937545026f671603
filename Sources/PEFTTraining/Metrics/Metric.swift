/// A number that says how good predictions are.
///
/// Conform to it for a metric of your own; an `Evaluator` takes any number of them.
///
/// ```swift
/// struct ErrorRate: Metric {
///     let name = "error_rate"
///     let higherIsBetter = false
///     func value(of predictions: ClassificationPredictions) -> Double { 1 - predictions.confusion.accuracy }
/// }
/// ```
public protocol Metric<Predictions>: Sendable {
    /// What the metric judges: ``ClassificationPredictions``, ``RegressionPredictions`` or ``LanguageModelPredictions``.
    associatedtype Predictions: Sendable

    /// What the metric is called in reports and on the command line, for instance `f1_macro`.
    var name: String { get }

    /// Whether a larger value is a better one.
    var higherIsBetter: Bool { get }

    /// The value for some predictions; not a number where it is not defined for them.
    func value(of predictions: Predictions) -> Double
}

extension Metric {
    /// It is.
    public var higherIsBetter: Bool { true }
}

extension [any Metric<ClassificationPredictions>] {
    /// What a classifier is judged by unless something else is asked for: accuracy, and the unweighted means of the
    /// classes' precision, recall and F1.
    public static var standard: Self {
        [Accuracy(), Precision(.macro), Recall(.macro), F1(.macro)]
    }
}

extension [any Metric<RegressionPredictions>] {
    /// What a regression is judged by unless something else is asked for: its errors and correlations.
    public static var standard: Self {
        [
            MeanSquaredError(), RootMeanSquaredError(), MeanAbsoluteError(), PearsonCorrelation(),
            SpearmanCorrelation(),
        ]
    }
}
