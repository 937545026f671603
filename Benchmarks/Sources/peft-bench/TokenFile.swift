import ArgumentParser
import Foundation
import PEFTKit

/// Batches of token ids, and in training their classes, that both sides of a comparison read.
struct TokenFile: Decodable {
    struct Batch: Decodable {
        let ids: [[Int32]]
        let labels: [Int]?
    }

    let batches: [Batch]

    /// Reads `{"batches": [{"ids": [[101, …], …], "labels": [0, …]}, …]}`.
    ///
    /// - Throws: `ValidationError` when there is no such file, it holds something else, or a batch has no sequence.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("\(path) cannot be read; --tokens takes what torch_tokens.py writes")
        }
        guard let file = try? JSONDecoder().decode(TokenFile.self, from: data) else {
            throw ValidationError("\(path) has no batches of token ids; --tokens takes what torch_tokens.py writes")
        }
        self = file
        guard !batches.isEmpty, batches.allSatisfy({ !$0.ids.isEmpty }) else {
            throw ValidationError("\(path) has no batch, or a batch without a sequence; expected at least one of each")
        }
    }

    /// All sequences, in their order.
    var sequences: [[Int32]] { batches.flatMap(\.ids) }

    /// The number of tokens of each batch.
    var tokenCounts: [Int] { batches.map { $0.ids.reduce(0) { $0 + $1.count } } }

    /// All sequences with their classes, and how many make a batch.
    ///
    /// - Throws: `ValidationError` when a sequence has no class, or one batch has fewer sequences than another.
    func examples() throws -> (examples: [ClassificationExample], batchSize: Int) {
        let batchSize = try commonBatchSize()
        let examples = try batches.flatMap { batch in
            guard let labels = batch.labels, labels.count == batchSize else {
                throw ValidationError("a classifier's step needs a label for each sequence")
            }
            return zip(batch.ids, labels).map { ClassificationExample(ids: $0, label: $1) }
        }
        return (examples, batchSize)
    }

    /// All sequences as texts of which everything is to be predicted, and how many make a batch.
    ///
    /// - Throws: `ValidationError` when one batch has fewer sequences than another.
    func texts() throws -> (examples: [LanguageModelExample], batchSize: Int) {
        (sequences.map { LanguageModelExample(ids: $0) }, try commonBatchSize())
    }

    private func commonBatchSize() throws -> Int {
        let batchSize = batches[0].ids.count
        guard batches.allSatisfy({ $0.ids.count == batchSize }) else {
            throw ValidationError("a step needs batches of equally many sequences")
        }
        return batchSize
    }
}
