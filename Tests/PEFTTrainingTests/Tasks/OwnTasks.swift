import Foundation
import PEFTKit

/// Two texts that belong together, or do not.
struct Pair: Sendable {
    let first: [Int32]
    let second: [Int32]
    let isMatch: Bool
}

/// d² for a match and max(0, 1 − d)² for any other pair, with d the distance of the texts' vectors.
struct ContrastiveTask: TrainingTask {
    func tokenCount(of pair: Pair) -> Int { pair.first.count + pair.second.count }
    func weight(of pair: Pair) -> Double { 1 }

    func addContent(of pair: Pair, to digest: inout ContentDigest) {
        digest.add(pair.first)
        digest.add(pair.second)
        digest.add(pair.isMatch ? 1 : 0)
    }

    func loss(
        of pairs: [(index: Int, example: Pair)],
        model: WordModel,
        divisor: Double,
        _ context: ForwardContext
    ) -> ShardLoss {
        let texts = pairs.map(\.example.first) + pairs.map(\.example.second)
        let indices = pairs.map { 2 * $0.index } + pairs.map { 2 * $0.index + 1 }
        let vectors = model.vectors(TokenBatch(texts, examples: indices), context)
        let width = vectors.shape[1]
        let values = vectors.value.elements.map(Double.init)
        var gradient = Array(repeating: 0.0, count: values.count)
        var sum = 0.0
        for (row, pair) in pairs.enumerated() {
            let (a, b) = (row * width, (pairs.count + row) * width)
            let difference = (0..<width).map { values[a + $0] - values[b + $0] }
            let distance = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let gap = max(0, 1 - distance)
            sum += pair.example.isMatch ? distance * distance : gap * gap
            let slope = pair.example.isMatch ? 2 : -2 * gap / max(distance, 1e-9)
            for column in 0..<width {
                gradient[a + column] = slope * difference[column] / divisor
                gradient[b + column] = -gradient[a + column]
            }
        }
        return ShardLoss(sum: sum, output: vectors, gradient: Tensor(vectors.shape, gradient.map(Float.init)))
    }
}

/// A text, and what a teacher answered.
struct Answered: TokenizedExample {
    let ids: [Int32]
    var typeIDs: [Int32] { Array(repeating: 0, count: ids.count) }
    let teacher: [Float]
}

/// T² · KL(softmax(teacher / T) ‖ softmax(student / T)).
struct DistillationTask: TrainingTask {
    let temperature: Double

    func addContent(of text: Answered, to digest: inout ContentDigest) {
        text.addTokens(to: &digest)
        for logit in text.teacher { digest.add(Double(logit)) }
    }

    static func softmax(_ logits: some Sequence<Float>, _ temperature: Double) -> [Double] {
        let scaled = logits.map { Double($0) / temperature }
        let exponentials = scaled.map { exp($0 - (scaled.max() ?? 0)) }
        return exponentials.map { $0 / exponentials.reduce(0, +) }
    }

    func loss(
        of texts: [(index: Int, example: Answered)],
        model: WordModel,
        divisor: Double,
        _ context: ForwardContext
    ) -> ShardLoss {
        let batch = TokenBatch(texts.map(\.example.ids), examples: texts.map(\.index))
        let logits = model.logits(batch, context)
        let (values, classes) = (logits.value.elements, logits.shape[1])
        var gradient: [Float] = []
        var sum = 0.0
        for (row, text) in texts.enumerated() {
            let student = Self.softmax(values[row * classes..<(row + 1) * classes], temperature)
            let teacher = Self.softmax(text.example.teacher, temperature)
            for (q, p) in zip(student, teacher) {
                if p > 0 { sum += temperature * temperature * p * log(p / q) }
                gradient.append(Float(temperature * (q - p) / divisor))
            }
        }
        return ShardLoss(sum: sum, output: logits, gradient: Tensor(logits.shape, gradient))
    }
}
