/// The mean of (predicted − target)².
public struct MeanSquaredError: Metric {
    /// The mean of (predicted − target)².
    public init() {}

    /// `mse`.
    public var name: String { "mse" }
    /// A smaller error is better.
    public var higherIsBetter: Bool { false }

    /// The error; not a number without examples.
    public func value(of predictions: RegressionPredictions) -> Double { predictions.meanError { $0 * $0 } }
}

/// The root of the mean of (predicted − target)², in the unit of the targets.
public struct RootMeanSquaredError: Metric {
    /// The root of the mean of (predicted − target)².
    public init() {}

    /// `rmse`.
    public var name: String { "rmse" }
    /// A smaller error is better.
    public var higherIsBetter: Bool { false }

    /// The error; not a number without examples.
    public func value(of predictions: RegressionPredictions) -> Double {
        predictions.meanError { $0 * $0 }.squareRoot()
    }
}

/// The mean of |predicted − target|, in the unit of the targets.
public struct MeanAbsoluteError: Metric {
    /// The mean of |predicted − target|.
    public init() {}

    /// `mae`.
    public var name: String { "mae" }
    /// A smaller error is better.
    public var higherIsBetter: Bool { false }

    /// The error; not a number without examples.
    public func value(of predictions: RegressionPredictions) -> Double { predictions.meanError(abs) }
}
