import Benchmark
import Foundation
import PEFTKit

/// Tokenizing real reviews with a real vocabulary, on one thread; left out where they are not fetched.
func registerTokenizing() {
    let model = GeneratedModel.cache.appending(path: "minilm")
    let reviews = GeneratedModel.cache.appending(path: "reviews/test.jsonl")
    var configuration = Benchmark.defaultConfiguration
    configuration.metrics = [.wallClock, .peakMemoryResident, Metric.megabytes, Metric.tokens]
    configuration.maxDuration = .seconds(1)
    configuration.skip = ![model, reviews].allSatisfy { FileManager.default.fileExists(atPath: $0.path) }
    Benchmark("Tokenize reviews", configuration: configuration) {
        (benchmark: Benchmark, state: (tokenizer: WordPieceTokenizer, texts: [String])) in
        var tokens = 0
        let clock = ContinuousClock()
        benchmark.startMeasurement()
        let time = try clock.measure {
            tokens = try state.texts.reduce(0) { $0 + (try state.tokenizer.encode($1)).count }
        }
        benchmark.stopMeasurement()
        let seconds = time / .seconds(1)
        let bytes = state.texts.reduce(0) { $0 + $1.utf8.count }
        benchmark.measurement(Metric.megabytes, Int(Double(bytes) / seconds / 1e6))
        benchmark.measurement(Metric.tokens, Int(Double(tokens) / seconds))
    } setup: {
        (
            tokenizer: try WordPieceTokenizer.open(model),
            texts: try TextDataset.unlabeled(contentsOf: reviews).map(\.text)
        )
    }
}

/// A batch of 32 texts of 128 tokens, each with one of 16 adapters, against the same batch with a single one.
func registerRouting() {
    for adapters in [1, 16] {
        var configuration = Benchmark.defaultConfiguration
        configuration.metrics = Metric.ofPass
        configuration.maxDuration = .seconds(2)
        configuration.warmupIterations = 5
        let (rows, length) = (32, 128)
        Benchmark("Route \(rows) texts to \(adapters) LoRA", configuration: configuration) {
            (benchmark: Benchmark, classifier: RoutedTextClassifier<BERT>) in
            let texts = (0..<rows).map {
                RoutedText(GeneratedModel.text($0, tokens: length), adapter: "adapter \($0 % adapters)")
            }
            let batch = (rows + WorkerPool.shared.count - 1) / WorkerPool.shared.count
            try await benchmark.measurePass(tokens: rows * length) {
                blackHole(try await classifier.classify(texts, batchSize: batch))
            }
        } setup: {
            let base = try GeneratedModel.open()
            let method = LoRA(rank: 8, alpha: 16, targets: ["query", "value"])
            let set = try (0..<adapters).reduce(AdapterSet()) { set, number in
                let labels = GeneratedModel.labels
                let adapter = try AdapterBundle(method, for: base.architecture, labels: labels, seed: UInt64(number))
                return try set.adding(adapter, named: "adapter \(number)")
            }
            return try RoutedTextClassifier(
                base,
                tokenizer: try WordPieceTokenizer.open(GeneratedModel.folder()),
                adapters: set
            )
        }
    }
}
