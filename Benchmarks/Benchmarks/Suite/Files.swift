import Benchmark
import Foundation
import PEFTKit

/// Opening a checkpoint and an adapter.
func registerLoading() {
    Benchmark("Load base", configuration: fileConfiguration) { (_, folder: URL) in
        blackHole(try FrozenModel<BERT>.open(folder))
    } setup: {
        try GeneratedModel.folder()
    }
    Benchmark("Load base and tokenizer, then classify a text", configuration: fileConfiguration) {
        (_, files: SavedFiles) in
        let base = try FrozenModel<BERT>.open(files.base)
        let tokenizer = try WordPieceTokenizer.open(files.base)
        let adapter = try AdapterFolder(files.adapter).adapter(for: base)
        let classifier = try TextClassifier(base, tokenizer: tokenizer, adapter: adapter)
        blackHole(try await classifier.classify(GeneratedModel.text(0, tokens: 20)))
    } setup: {
        try SavedFiles()
    }
    Benchmark("Load adapter into an open base", configuration: fileConfiguration) {
        (_, state: (files: SavedFiles, base: FrozenModel<BERT>)) in
        blackHole(try AdapterFolder(state.files.adapter).adapter(for: state.base))
    } setup: {
        (files: try SavedFiles(), base: try GeneratedModel.open())
    }
}

/// Adding an adapter's weights into the base's.
func registerMerging() {
    Benchmark("Merge LoRA in every linear map", configuration: fileConfiguration) {
        (_, state: (base: FrozenModel<BERT>, adapter: AdapterBundle)) in
        blackHole(try state.base.merging(state.adapter))
    } setup: {
        let base = try GeneratedModel.open()
        let method = LoRA(rank: 8, alpha: 16, targets: .allLinear)
        let adapter = try AdapterBundle(method, for: base.architecture, labels: GeneratedModel.labels)
        return (base: base, adapter: adapter)
    }
}

private var fileConfiguration: Benchmark.Configuration {
    var configuration = Benchmark.defaultConfiguration
    configuration.metrics = [.wallClock, .peakMemoryResident]
    configuration.maxDuration = .seconds(1)
    return configuration
}

/// The generated base, and an adapter for it in a folder that goes when the last reference does.
private final class SavedFiles {
    let base: URL
    let adapter: URL

    init() throws {
        base = try GeneratedModel.folder()
        adapter = FileManager.default.temporaryDirectory.appending(path: "peftkit-bench-\(UUID().uuidString)")
        let model = try GeneratedModel.open()
        let method = LoRA(rank: 8, alpha: 16, targets: ["query", "value"])
        try AdapterBundle(method, for: model.architecture, labels: GeneratedModel.labels).save(to: adapter, for: model)
    }

    deinit { try? FileManager.default.removeItem(at: adapter) }
}
