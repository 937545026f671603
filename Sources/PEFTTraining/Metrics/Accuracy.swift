/// The share of right predictions; 0 without examples.
public struct Accuracy: Metric {
    /// The share of right predictions.
    public init() {}

    /// `accuracy`.
    public var name: String { "accuracy" }

    /// The share, from 0 to 1.
    public func value(of predictions: ClassificationPredictions) -> Double { predictions.confusion.accuracy }
}

/// The mean recall of the classes that have examples: every class counts the same, however rare it is.
public struct BalancedAccuracy: Metric {
    /// The mean recall of the classes that have examples.
    public init() {}

    /// `balanced_accuracy`.
    public var name: String { "balanced_accuracy" }

    /// The mean, from 0 to 1; not a number without examples.
    public func value(of predictions: ClassificationPredictions) -> Double {
        let recalls = predictions.confusion.perClass.filter { $0.support > 0 }.map(\.recall)
        return recalls.isEmpty ? .nan : recalls.reduce(0, +) / Double(recalls.count)
    }
}
