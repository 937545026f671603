import PEFTKit

/// A base with its tokenizer and, usually, an adapter, opened as the options say.
struct Session {
    /// What gives texts a class, or a number.
    enum Answerer {
        case classifier(TextClassifier<AnyArchitecture>)
        case regressor(TextRegressor<AnyArchitecture>)
    }

    let answerer: Answerer

    /// - Parameters:
    ///   - texts: labelled texts, whose labels name the classes of an adapter that does not name them itself.
    ///   - task: what the head must be for; nil for whatever it is.
    init(
        _ model: LocatedModel,
        _ options: AdapterOptions,
        texts: TextDataset? = nil,
        task: PredictionTask? = nil
    ) async throws {
        let folder = try await options.folders().first?.folder
        let base = try model.open()
        let tokenizer = try model.tokenizer()
        let adapter = try folder.map { try Self.adapter($0, for: base, texts: texts) }
        let workers = model.workers()
        let actual = adapter?.task ?? base.architecture.task
        if let task, task != actual {
            throw CommandError("--task \(task.rawValue) does not fit: the head is for a \(actual.rawValue)")
        }
        answerer =
            switch actual {
            case .classification, .languageModel:
                .classifier(
                    try TextClassifier(
                        base,
                        tokenizer: tokenizer,
                        adapter: adapter,
                        maximumLength: options.maxLength,
                        workers: workers
                    )
                )
            case .regression:
                .regressor(
                    try TextRegressor(
                        base,
                        tokenizer: tokenizer,
                        adapter: adapter,
                        maximumLength: options.maxLength,
                        workers: workers
                    )
                )
            }
    }

    /// An adapter, with warnings of what is odd about it.
    static func adapter(
        _ folder: AdapterFolder,
        for base: FrozenModel<AnyArchitecture>,
        texts: TextDataset? = nil
    ) throws -> AdapterBundle {
        let adapter = try folder.adapterWithWarnings(for: base)
        guard let texts, folder.labels == nil, adapter.task == .classification else { return adapter }
        return try folder.adapter(for: base, labels: ClassLabels.names(for: folder, texts: texts, base: base))
    }
}

extension AdapterFolder {
    /// The adapter, with warnings of what is odd about it.
    func adapterWithWarnings(for base: FrozenModel<some AdaptableModel>) throws -> AdapterBundle {
        warnings(for: base).forEach(Output.warn)
        return try adapter(for: base)
    }
}

/// A base with adapters of which each text chooses one, opened as the options say.
struct RoutedSession {
    let classifier: RoutedTextClassifier<AnyArchitecture>

    /// - Parameters:
    ///   - texts: what is going to be classified; texts that cannot be are an error before any work.
    ///   - labeled: whether their labels name the classes of an adapter that does not name them itself.
    init(_ model: LocatedModel, _ options: AdapterOptions, texts: TextDataset, labeled: Bool) async throws {
        let folders = try await options.folders()
        let base = try model.open()
        try texts.requireAdapters(in: folders.map(\.name), baseHasHead: !base.architecture.labels.isEmpty)
        let groups = texts.positionsByAdapter
        var adapters = AdapterSet()
        for (name, folder) in folders {
            let positions = labeled ? groups.first { $0.adapter == name }?.positions : nil
            let adapter = try Session.adapter(folder, for: base, texts: positions.map(texts.selecting))
            adapters = try adapters.adding(adapter, named: name)
        }
        classifier = try RoutedTextClassifier(
            base,
            tokenizer: try model.tokenizer(),
            adapters: adapters,
            maximumLength: options.maxLength,
            workers: model.workers()
        )
    }
}
