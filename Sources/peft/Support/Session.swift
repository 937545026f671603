import PEFTKit

/// A base with its tokenizer and, usually, an adapter, opened as the options say.
struct Session {
    let classifier: TextClassifier<AnyArchitecture>

    /// - Parameter texts: labelled texts, whose labels name the classes of an adapter that does not name them itself.
    init(_ model: ModelOptions, _ options: AdapterOptions, texts: TextDataset? = nil) throws {
        let folder = try options.folder()
        let base = try model.open()
        folder?.warnings(for: base).forEach(Output.warn)
        let adapter = try folder.map { folder in
            guard let texts, folder.labels == nil else { return try folder.adapter(for: base) }
            return try folder.adapter(for: base, labels: ClassLabels.names(for: folder, texts: texts, base: base))
        }
        classifier = try TextClassifier(
            base,
            tokenizer: try model.tokenizer(),
            adapter: adapter,
            maximumLength: options.maxLength,
            workers: model.workers()
        )
    }
}
