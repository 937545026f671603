import Foundation
import PEFTKit

/// A checkpoint of MiniLM's shape with random weights and a vocabulary of syllables: as fast or slow as the real one, and
/// nothing has to be fetched.
enum GeneratedModel {
    static let width = 384
    static let feedForwardWidth = 1536
    static let blocks = 6
    static let labels = ["negative", "positive"]

    /// The folder, written at the first call on this machine.
    static func folder() throws -> URL {
        let target = cache.appending(path: "generated-minilm", directoryHint: .isDirectory)
        if FileManager.default.fileExists(atPath: target.path) { return target }
        let partial = cache.appending(path: ".generated-minilm.\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: partial) }
        try Data(configuration.utf8).write(to: partial.appending(path: "config.json"))
        try Data((vocabulary.joined(separator: "\n") + "\n").utf8).write(to: partial.appending(path: "vocab.txt"))
        try weights().write(to: partial.appending(path: "model.safetensors").path)
        try FileManager.default.moveItem(at: partial, to: target)
        return target
    }

    static func open() throws -> FrozenModel<BERT> { try FrozenModel<BERT>.open(folder()) }

    /// The folder of fetched files, as the scripts know it.
    static var cache: URL {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["PEFTKIT_CACHE"], !path.isEmpty { return URL(filePath: path) }
        return URL(filePath: NSHomeDirectory()).appending(path: ".cache/peftkit")
    }

    /// A text of so many tokens, `[CLS]` and `[SEP]` included, none like another.
    static func text(_ number: Int, tokens: Int) -> String {
        let random = CounterRandom(seed: UInt64(number), purpose: "text")
        return (0..<max(0, tokens - 2)).map { syllables[random.integer(below: syllables.count, $0)] }
            .joined(separator: " ")
    }

    private static let configuration = """
        {
          "model_type": "bert", "hidden_act": "gelu", "hidden_size": \(width), "intermediate_size": \(feedForwardWidth),
          "num_hidden_layers": \(blocks), "num_attention_heads": 12, "max_position_embeddings": 512,
          "type_vocab_size": 2, "vocab_size": \(vocabulary.count), "layer_norm_eps": 1e-12,
          "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "initializer_range": 0.02
        }
        """

    private static let syllables: [String] = {
        let consonants = "bcdfghjklmnpqrstvwxyz".map(String.init)
        return consonants.flatMap { first in
            "aeiou".flatMap { vowel in consonants.map { "\(first)\(vowel)\($0)" } }
        }
    }()

    /// As many tokens as the real one has.
    private static let vocabulary: [String] = {
        let known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + syllables + syllables.map { "##" + $0 }
        return known + (known.count..<30_522).map { "[unused\($0)]" }
    }()

    private static func weights() -> SafetensorsWriter {
        var writer = SafetensorsWriter()
        func add(_ name: String, _ shape: Shape) {
            writer.add(name, CounterRandom(seed: 0, purpose: name).normal(shape, standardDeviation: 0.02))
        }
        func linear(_ name: String, _ outputs: Int, _ inputs: Int) {
            add("\(name).weight", [outputs, inputs])
            add("\(name).bias", [outputs])
        }
        func norm(_ name: String) {
            writer.add("\(name).LayerNorm.weight", .ones([width]))
            writer.add("\(name).LayerNorm.bias", .zeros([width]))
        }
        add("embeddings.word_embeddings.weight", [vocabulary.count, width])
        add("embeddings.position_embeddings.weight", [512, width])
        add("embeddings.token_type_embeddings.weight", [2, width])
        norm("embeddings")
        for block in 0..<blocks {
            let name = "encoder.layer.\(block)"
            for part in ["self.query", "self.key", "self.value", "output.dense"] {
                linear("\(name).attention.\(part)", width, width)
            }
            norm("\(name).attention.output")
            linear("\(name).intermediate.dense", feedForwardWidth, width)
            linear("\(name).output.dense", width, feedForwardWidth)
            norm("\(name).output")
        }
        linear("pooler.dense", width, width)
        return writer
    }
}
