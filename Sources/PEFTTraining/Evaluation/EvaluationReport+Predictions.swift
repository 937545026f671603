extension EvaluationReport {
    /// How many mistakes are kept unless something else is asked for.
    public static let mistakeCount = 20

    /// What some predictions of classes are worth.
    ///
    /// - Parameters:
    ///   - loss: the mean loss.
    ///   - metrics: what is measured, in this order.
    ///   - mistakes: how many of the most confident mistakes are kept.
    public init(
        of predictions: ClassificationPredictions,
        loss: Double,
        metrics: [any Metric<ClassificationPredictions>] = .standard,
        mistakes: Int = mistakeCount
    ) {
        self.init(
            loss: loss,
            metrics: Self.values(metrics, predictions),
            confusion: predictions.confusion.counts,
            mistakes: predictions.mistakes(mistakes)
        )
    }

    /// What some predictions of numbers are worth.
    ///
    /// - Parameters:
    ///   - loss: the mean loss.
    ///   - metrics: what is measured, in this order.
    public init(
        of predictions: RegressionPredictions,
        loss: Double,
        metrics: [any Metric<RegressionPredictions>] = .standard
    ) {
        self.init(loss: loss, metrics: Self.values(metrics, predictions))
    }

    /// What the predictions of a language model are worth; its loss is the mean over the tokens.
    ///
    /// - Parameter metrics: what is measured, in this order.
    public init(
        of predictions: LanguageModelPredictions,
        metrics: [any Metric<LanguageModelPredictions>] = .standard
    ) {
        self.init(loss: predictions.meanLoss, metrics: Self.values(metrics, predictions))
    }

    private static func values<Predictions>(
        _ metrics: [any Metric<Predictions>],
        _ predictions: Predictions
    ) -> [MetricValue] {
        metrics.map { metric in
            MetricValue(
                name: metric.name,
                value: metric.value(of: predictions),
                higherIsBetter: metric.higherIsBetter
            )
        }
    }
}

extension ClassificationPredictions {
    /// Wrongly classified examples, the most probable first, of equals in their order; at most `limit`.
    func mistakes(_ limit: Int) -> [EvaluationReport.Mistake] {
        let wrong = labels.indices.filter { predicted[$0] != labels[$0] }.map { index in
            EvaluationReport.Mistake(
                example: index,
                label: labels[index],
                predicted: predicted[index],
                probability: probabilities[index][predicted[index]]
            )
        }
        return Array(wrong.sorted { ($1.probability, $0.example) < ($0.probability, $1.example) }.prefix(limit))
    }
}
