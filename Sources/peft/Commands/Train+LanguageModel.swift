import ArgumentParser
import PEFTKit

extension Train {
    /// Trains an adapter to predict tokens.
    func trainLanguageModel(
        _ model: LocatedModel,
        from start: AdapterFolder?,
        _ output: TrainingOutput
    ) async throws {
        try training.objective.requireNoClasses(for: .languageModel)
        guard files.validationSplit == nil else {
            throw ValidationError("--validation-split is for labelled texts; give a language model --validation")
        }
        let documents = try language.read(files.train, data, limit: data.limit)
        let heldDocuments = try files.validation.map { try language.read($0, data, limit: nil) }
        let base = try model.openLanguageModel()
        let tokenizer = try model.tokenizer()
        let adapter = try makeAdapter(from: start, base: base, tokenizer: tokenizer)
        let texts = LanguageModelTexts(
            options: language,
            model: model,
            base: base,
            tokenizer: tokenizer,
            adapter: adapter,
            maximumLength: adapter.maximumLength ?? LanguageModelTexts.standardLength(base, adapter),
            workers: model.workers()
        )
        let (examples, location) = try await texts.examples(of: documents, from: files.train)
        var evaluate: Trainer<LanguageModelingTask<AnyLanguageModel>>.Evaluation?
        var heldCount: Int?
        let metrics = try metrics.ofTokens()
        if let heldDocuments, let path = files.validation {
            let held = try await texts.examples(of: heldDocuments, from: path).examples
            let evaluator = LanguageModelEvaluator(base, workers: texts.workers)
            evaluate = { try await evaluator.evaluate($0, on: held, metrics: metrics) }
            heldCount = held.count
        }
        let work = TrainingWork(
            base: base,
            workers: texts.workers,
            task: LanguageModelingTask(),
            examples: examples,
            metrics: metrics.map(\.name),
            evaluate: evaluate,
            sources: TrainingSources(rows: examples.count, location: location, validationRows: heldCount)
        )
        try await train(adapter, work, isFresh: start == nil, output)
    }

    /// The adapter that training starts from: an earlier one, or a fresh one.
    private func makeAdapter(
        from start: AdapterFolder?,
        base: FrozenModel<AnyLanguageModel>,
        tokenizer: any Tokenizer
    ) throws -> AdapterBundle {
        guard let start else {
            return try method.freshAdapter(for: base, maximumLength: training.maxLength, seed: training.seed) {
                try tokenizer.encode($0, maximumLength: nil).ids
            }
        }
        let adapter = try start.adapterWithWarnings(for: base)
        return adapter.withMaximumLength(training.maxLength ?? start.maximumLength)
    }
}
