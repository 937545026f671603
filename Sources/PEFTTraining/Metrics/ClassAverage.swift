/// How one number is made of the classes' own.
///
/// The numbers are scikit-learn's with `labels` all classes of the model and `zero_division=0`: a class that never
/// occurs and is never predicted counts in a macro average as 0.
public enum ClassAverage: Sendable, Hashable {
    /// One class's own number, usually that of class 1 of two.
    case binary(positive: Int = 1)
    /// The unweighted mean of the classes.
    case macro
    /// Over all examples, whatever their class; for one class per example this is the accuracy.
    case micro
    /// The mean of the classes weighted by their numbers of examples.
    case weighted

    /// What the averages are called at the end of a metric's name.
    var suffix: String {
        switch self {
        case .binary(1): "binary"
        case .binary(let positive): "binary_\(positive)"
        case .macro: "macro"
        case .micro: "micro"
        case .weighted: "weighted"
        }
    }
}

extension ConfusionMatrix {
    /// The average of a number that each class has; 0 without classes or examples, and for a class that does not exist.
    public func average(_ value: KeyPath<PerClass, Double>, _ average: ClassAverage) -> Double {
        switch average {
        case .binary(let positive):
            return counts.indices.contains(positive) ? perClass[positive][keyPath: value] : 0
        case .macro:
            return perClass.reduce(0) { $0 + $1[keyPath: value] } / Double(max(1, counts.count))
        case .micro:
            return accuracy
        case .weighted:
            let sum = perClass.reduce(0) { $0 + $1[keyPath: value] * Double($1.support) }
            return sum / Double(max(1, count))
        }
    }
}
