/// Examples with the number they have and the number a model gives them.
public struct RegressionPredictions: Sendable {
    /// The number of each example.
    public let targets: [Double]
    /// The number each example is given.
    public let predicted: [Double]

    /// Predictions beside their targets.
    ///
    /// - Precondition: there are as many of both.
    public init(targets: [Double], predicted: [Double]) {
        precondition(targets.count == predicted.count, "one prediction per target")
        self.targets = targets
        self.predicted = predicted
    }

    /// The number of examples.
    public var count: Int { targets.count }

    /// The mean of a function of each error, predicted − target; not a number without examples.
    func meanError(_ function: (Double) -> Double) -> Double {
        zip(predicted, targets).reduce(0) { $0 + function($1.0 - $1.1) } / Double(count)
    }
}
