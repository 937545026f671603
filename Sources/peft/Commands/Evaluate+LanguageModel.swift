import PEFTKit

extension Evaluate {
    /// Measures how well a language model predicts documents.
    func evaluateLanguageModel(_ model: LocatedModel, _ folder: AdapterFolder?) async throws {
        guard !options.isRouted else {
            throw CommandError("adapters with names are for classifiers; give one adapter, as in --adapter DIR")
        }
        let metrics = try metrics.ofTokens()
        let documents = try language.read(files.data, input, limit: input.limit)
        let base = try model.openLanguageModel()
        let adapter = try folder.map { try $0.adapterWithWarnings(for: base) }
        let texts = LanguageModelTexts(
            options: language,
            model: model,
            base: base,
            tokenizer: try model.tokenizer(),
            adapter: adapter,
            maximumLength: options.maxLength ?? adapter?.maximumLength
                ?? LanguageModelTexts.standardLength(base, adapter),
            workers: model.workers()
        )
        let examples = try await texts.examples(of: documents, from: files.data).examples
        let report = try await LanguageModelEvaluator(base, workers: texts.workers)
            .evaluate(adapter, on: examples, metrics: metrics)
        try show(report, labels: nil, count: examples.count)
    }
}
