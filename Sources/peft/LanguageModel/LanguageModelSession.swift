import PEFTKit

/// A base that continues texts, with its tokenizer and adapters, opened as the options say.
struct LanguageModelSession {
    let base: FrozenModel<AnyLanguageModel>
    let generator: TextGenerator<AnyLanguageModel>

    init(_ model: LocatedModel, _ adapters: [AdapterReference]) async throws {
        let base = try model.openLanguageModel()
        var named = AdapterSet()
        var standard: AdapterBundle?
        for reference in adapters {
            let adapter = try await reference.folder().adapterWithWarnings(for: base)
            if let name = reference.name {
                named = try named.adding(adapter, named: name)
            } else {
                standard = adapter
            }
        }
        self.base = base
        generator = try TextGenerator(
            base,
            tokenizer: try model.tokenizer(),
            adapter: standard,
            adapters: named,
            workers: model.workers()
        )
    }
}
