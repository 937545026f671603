import Foundation
import PEFTKit
import TestModels

/// A small BERT with random weights, in the folder `models/bert-base-uncased`, and what examples read beside it.
struct SmallBERT {
    let folder = URL(filePath: "models/bert-base-uncased")
    let base: FrozenModel<BERT>
    let tokenizer: WordPieceTokenizer
    let reviews: TextDataset

    /// As wide as a block of NF4.
    static let width = 64

    init() throws {
        let architecture = try RandomBERT.model(width: Self.width, heads: 2, blocks: 2)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in [("config.json", Self.configuration), ("vocab.txt", Self.vocabulary)] {
            try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        var file = SafetensorsWriter()
        for parameter in architecture.parameters { file.add(parameter.path, parameter.value) }
        try file.write(to: folder.appending(path: "model.safetensors").path)
        base = try FrozenModel<BERT>.open(folder)
        tokenizer = try WordPieceTokenizer.open(folder)
        try Self.reviewLines.write(toFile: "reviews.jsonl", atomically: true, encoding: .utf8)
        reviews = try TextDataset(contentsOf: URL(filePath: "reviews.jsonl"))
    }

    /// What the model is, as its checkpoint says it.
    private static let configuration = """
        {"model_type": "bert", "hidden_size": \(width), "num_attention_heads": 2, "num_hidden_layers": 2,
        "intermediate_size": \(4 * width), "vocab_size": 100, "max_position_embeddings": 512}
        """

    /// As many tokens as the model has embeddings.
    private static let vocabulary: String = {
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        let known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + letters.map { "##\($0)" }
        let words = known + (known.count..<100).map { "word\($0)" }
        return words.map { $0 + "\n" }.joined()
    }()

    private static let reviewLines = [
        ("a good film", "positive", 5), ("a bad film", "negative", 1), ("a warm story", "positive", 4),
        ("a dull plot", "negative", 2),
    ]
    .map { "{\"text\": \"\($0.0)\", \"label\": \"\($0.1)\", \"stars\": \($0.2)}\n" }.joined()
}
