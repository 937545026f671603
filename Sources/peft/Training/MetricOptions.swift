import ArgumentParser
import PEFTKit

/// What an evaluation measures, besides the loss.
struct MetricOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What is measured, separated by commas. Of classes: accuracy, balanced_accuracy, matthews_correlation, "
                + "roc_auc, and precision, recall and f1 with _binary (class 1), _macro, _micro or _weighted. Of numbers: "
                + "mse, rmse, mae, pearson, spearman. Of a language model: perplexity. (default: accuracy and the macro "
                + "averages; all of the others)",
            valueName: "names"
        )
    )
    var metrics: String?

    func validate() throws {
        guard let names else { return }
        guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("--metrics must be names separated by commas, as in accuracy,f1_macro")
        }
        // Which task it is shows only later; what neither knows is an error at once.
        let known =
            MetricRegistry.classification.names + MetricRegistry.regression.names + MetricRegistry.languageModel.names
        let unknown = names.filter { !known.contains($0) }
        try Requirement.check { if !unknown.isEmpty { throw MetricError.unknown(unknown, known: known) } }
    }

    /// The metrics for classes; the usual ones when none are named.
    ///
    /// - Throws: `MetricError` when a name is that of another task's metric.
    func ofClasses() throws -> [any Metric<ClassificationPredictions>] {
        try names.map { try MetricRegistry.classification.metrics(named: $0) } ?? .standard
    }

    /// The metrics for numbers; the usual ones when none are named.
    ///
    /// - Throws: `MetricError` when a name is that of another task's metric.
    func ofNumbers() throws -> [any Metric<RegressionPredictions>] {
        try names.map { try MetricRegistry.regression.metrics(named: $0) } ?? .standard
    }

    /// The metrics for tokens; the usual ones when none are named.
    ///
    /// - Throws: `MetricError` when a name is that of another task's metric.
    func ofTokens() throws -> [any Metric<LanguageModelPredictions>] {
        try names.map { try MetricRegistry.languageModel.metrics(named: $0) } ?? .standard
    }

    /// Finds a name of another task's metric before any work is done.
    func check(for task: PredictionTask) throws {
        switch task {
        case .classification: _ = try ofClasses()
        case .regression: _ = try ofNumbers()
        case .languageModel: _ = try ofTokens()
        }
    }

    private var names: [String]? {
        metrics?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
}
