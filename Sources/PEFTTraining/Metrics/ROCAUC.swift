/// The area under the receiver operating characteristic: how probable it is that an example of a class is given a higher
/// probability of it than one of another class, ties counting one half (Hanley & McNeil 1982).
///
/// Of two classes that of class 1; of more the unweighted mean over the classes, each against the rest.
public struct ROCAUC: Metric {
    /// The area under the receiver operating characteristic.
    public init() {}

    /// `roc_auc`.
    public var name: String { "roc_auc" }

    /// The area, from 0 to 1; not a number when a class has no example, or there is only one class.
    public func value(of predictions: ClassificationPredictions) -> Double {
        let classes = predictions.classes
        guard classes > 2 else { return classes == 2 ? Self.area(of: 1, predictions) : .nan }
        return (0..<classes).reduce(0) { $0 + Self.area(of: $1, predictions) } / Double(classes)
    }

    /// The area of one class against the rest, by the ranks of its examples (Mann & Whitney 1947).
    private static func area(of positive: Int, _ predictions: ClassificationPredictions) -> Double {
        let scores = predictions.probabilities.map { $0[positive] }
        guard !scores.contains(where: \.isNaN) else { return .nan }
        let ranks = zip(Ranks.averaged(scores), predictions.labels)
        let positives = Double(predictions.labels.count { $0 == positive })
        let negatives = Double(predictions.count) - positives
        guard positives > 0, negatives > 0 else { return .nan }
        let sum = ranks.reduce(0) { $1.1 == positive ? $0 + $1.0 : $0 }
        return (sum - positives * (positives + 1) / 2) / (positives * negatives)
    }
}
