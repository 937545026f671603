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
        try FrozenModel(architecture, name: "random").save(to: folder)
        try Self.vocabulary.write(to: folder.appending(path: "vocab.txt"), atomically: true, encoding: .utf8)
        base = try FrozenModel<BERT>.open(folder)
        tokenizer = try WordPieceTokenizer.open(folder)
        try Self.reviewLines.write(toFile: "reviews.jsonl", atomically: true, encoding: .utf8)
        reviews = try TextDataset(contentsOf: URL(filePath: "reviews.jsonl"))
    }

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
