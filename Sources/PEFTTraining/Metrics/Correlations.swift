/// How close predictions and targets are to a straight line (Pearson 1895): the covariance over the product of the
/// standard deviations.
public struct PearsonCorrelation: Metric {
    /// How close predictions and targets are to a straight line.
    public init() {}

    /// `pearson`.
    public var name: String { "pearson" }

    /// The correlation, from −1 to 1; not a number when all targets or all predictions are the same.
    public func value(of predictions: RegressionPredictions) -> Double {
        Correlation.linear(predictions.targets, predictions.predicted)
    }
}

/// How well predictions order the examples as the targets do (Spearman 1904): the correlation of the ranks, of which
/// equal values share the mean.
public struct SpearmanCorrelation: Metric {
    /// How well predictions order the examples as the targets do.
    public init() {}

    /// `spearman`.
    public var name: String { "spearman" }

    /// The correlation, from −1 to 1; not a number when all targets or all predictions are the same.
    public func value(of predictions: RegressionPredictions) -> Double {
        guard !(predictions.targets + predictions.predicted).contains(where: \.isNaN) else { return .nan }
        return Correlation.linear(Ranks.averaged(predictions.targets), Ranks.averaged(predictions.predicted))
    }
}

private enum Correlation {
    /// Σ x y / (‖x‖ ‖y‖) of what remains after subtracting the means.
    static func linear(_ x: [Double], _ y: [Double]) -> Double {
        // A constant's mean can be off by its rounding, and what remains would then look like a variation.
        guard isVarying(x), isVarying(y) else { return .nan }
        let (x, y) = (centered(x), centered(y))
        let sum = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
        return sum.isNaN ? .nan : min(1, max(-1, sum))
    }

    private static func isVarying(_ values: [Double]) -> Bool { values.contains { $0 != values[0] } }

    /// With mean 0 and norm 1.
    private static func centered(_ values: [Double]) -> [Double] {
        let mean = values.reduce(0, +) / Double(values.count)
        let rest = values.map { $0 - mean }
        // Scaled by the largest first, so that no square overflows or vanishes.
        let largest = rest.reduce(0) { max($0, abs($1)) }
        let norm = largest * rest.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
        return rest.map { $0 / norm }
    }
}
