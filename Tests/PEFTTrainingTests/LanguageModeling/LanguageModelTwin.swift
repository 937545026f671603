import Foundation
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels

/// ``TinyLanguageModel`` and its loss in double precision, as they are written on paper.
struct LanguageModelTwin {
    private var parameters: [String: [Double]] = [:]
    private let width: Int

    init(_ model: TinyLanguageModel) {
        width = model.table.shape[1]
        for parameter in model.parameters { parameters[parameter.path] = parameter.value.elements.map(Double.init) }
    }

    private func row(_ path: String, _ index: Int) -> [Double] {
        Array((parameters[path] ?? [])[(index * width)..<((index + 1) * width)])
    }

    private func product(_ path: String, _ rows: Int, _ x: [Double]) -> [Double] {
        (0..<rows).map { row in dot(self.row(path, row), x) }
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    /// −log p of every token but the first.
    func losses(_ ids: [Int32]) -> [Double] {
        let words = ids.map { row(TinyLanguageModel.tablePath, Int($0)) }
        let vocabulary = (parameters[TinyLanguageModel.headPath] ?? []).count / width
        return ids.indices.dropLast().map { position in
            let scores = (0...position).map { exp(dot(words[position], words[$0])) }
            let seen = (0..<width).map { column in
                zip(scores, words).reduce(0) { $0 + $1.0 * $1.1[column] } / scores.reduce(0, +)
            }
            let input = zip(words[position], seen).map { $0 + $1 }
            let hidden = product("model.layers.0.mlp.up_proj.weight", width, input).map(tanh)
            let logits = product(TinyLanguageModel.headPath, vocabulary, hidden)
            return log(logits.reduce(0) { $0 + exp($1) }) - logits[Int(ids[position + 1])]
        }
    }

    /// Σ −log p over the tokens of all examples that are to be predicted.
    func sum(_ examples: [LanguageModelExample]) -> Double {
        examples.reduce(0) { sum, example in
            sum + zip(losses(example.ids), example.isPredicted.dropFirst()).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
        }
    }

    /// The mean over these tokens.
    func mean(_ examples: [LanguageModelExample]) -> Double {
        sum(examples) / Double(examples.reduce(0) { $0 + $1.predictedCount })
    }

    /// The slope of the mean with respect to a parameter, by central differences.
    func gradient(_ path: String, _ examples: [LanguageModelExample]) -> [Double] {
        (parameters[path] ?? []).indices.map { index in
            let means = [1e-5, -1e-5].map { step in
                var moved = self
                moved.parameters[path]?[index] += step
                return moved.mean(examples)
            }
            return (means[0] - means[1]) / 2e-5
        }
    }
}

/// Texts of uneven length in which some tokens are to be predicted.
enum LanguageModelExamples {
    static let uneven = [
        LanguageModelExample(ids: [3, 7, 7, 1, 20, 4, 9]),
        LanguageModelExample(ids: [5, 2], isPredicted: [true, true]),
        LanguageModelExample(ids: [11, 0, 22, 8, 6, 6, 2, 13, 17], isPredicted: (0..<9).map { $0 > 5 }),
        LanguageModelExample(ids: [1, 2, 3, 4], isPredicted: [false, true, false, true]),
        LanguageModelExample(ids: [19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8]),
    ]

    /// Texts in which every token follows from the one before.
    static let learnable = (0..<20).map { start in
        LanguageModelExample(ids: (0..<(4 + start % 7)).map { Int32((start + 5 * $0) % 23) })
    }
}
