/// How often a prediction of a class is right: true positives / predicted; 0 for a class that is never predicted.
public struct Precision: Metric {
    /// How one number is made of the classes' own.
    public let average: ClassAverage

    /// Precision by an average.
    public init(_ average: ClassAverage) { self.average = average }

    /// `precision_` and the average.
    public var name: String { "precision_\(average.suffix)" }

    /// The precision, from 0 to 1.
    public func value(of predictions: ClassificationPredictions) -> Double {
        predictions.confusion.average(\.precision, average)
    }
}

/// How many examples of a class are found: true positives / actual; 0 for a class without examples.
public struct Recall: Metric {
    /// How one number is made of the classes' own.
    public let average: ClassAverage

    /// Recall by an average.
    public init(_ average: ClassAverage) { self.average = average }

    /// `recall_` and the average.
    public var name: String { "recall_\(average.suffix)" }

    /// The recall, from 0 to 1.
    public func value(of predictions: ClassificationPredictions) -> Double {
        predictions.confusion.average(\.recall, average)
    }
}

/// The harmonic mean of precision and recall, 2 · true positives / (predicted + actual); 0 when both are.
public struct F1: Metric {
    /// How one number is made of the classes' own.
    public let average: ClassAverage

    /// F1 by an average.
    public init(_ average: ClassAverage) { self.average = average }

    /// `f1_` and the average.
    public var name: String { "f1_\(average.suffix)" }

    /// The F1, from 0 to 1.
    public func value(of predictions: ClassificationPredictions) -> Double {
        predictions.confusion.average(\.f1, average)
    }
}
