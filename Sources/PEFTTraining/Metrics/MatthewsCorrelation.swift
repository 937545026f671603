/// The correlation of predicted and actual classes, for any number of classes (Matthews 1975, Gorodkin 2004):
///
/// (c · n − Σ pₖ tₖ) / √((n² − Σ pₖ²)(n² − Σ tₖ²))
///
/// with c of n predictions right, pₖ predictions and tₖ examples of class k.
public struct MatthewsCorrelation: Metric {
    /// The correlation of predicted and actual classes.
    public init() {}

    /// `matthews_correlation`.
    public var name: String { "matthews_correlation" }

    /// The correlation, from −1 to 1; 0 when all examples, or all predictions, are of one class.
    public func value(of predictions: ClassificationPredictions) -> Double {
        let confusion = predictions.confusion
        let (actual, predicted) = (confusion.actual.map(Double.init), confusion.predicted.map(Double.init))
        func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let count = Double(confusion.count)
        let covariance = Double(confusion.right) * count - product(actual, predicted)
        let variances = (count * count - product(predicted, predicted)) * (count * count - product(actual, actual))
        return variances == 0 ? 0 : covariance / variances.squareRoot()
    }
}
