import Foundation
import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Cross-entropy")
struct CrossEntropyTests {
    private func loss(
        _ logits: Matrix,
        _ labels: [Int],
        smoothing: Double = 0,
        classWeights: [Double]? = nil
    ) -> Double {
        let weights = classWeights ?? Array(repeating: 1, count: logits.columns)
        return labels.enumerated().reduce(0) { total, item in
            let row = (0..<logits.columns).map { logits[item.offset, $0] }
            let costs = row.map { log(row.reduce(0) { $0 + exp($1) }) - $0 }
            let all = zip(weights, costs).reduce(0) { $0 + $1.0 * $1.1 } / Double(row.count)
            return total + (1 - smoothing) * weights[item.element] * costs[item.element] + smoothing * all
        }
    }

    @Test("the sum of −log p(label), and its gradient over the batch's divisor", arguments: [1, 2, 5])
    func gradient(classes: Int) {
        let labels = (0..<6).map { ($0 * 7 + 3) % classes }
        let logits = sample([6, classes], "logits")
        let result = CrossEntropy(logits: logits, labels: labels, divisor: 16)
        let values = Matrix(logits)
        #expect(abs(result.sum - loss(values, labels)) < 1e-12)
        #expect(result.gradient.shape == [6, classes])
        for (index, gradient) in result.gradient.elements.enumerated() {
            var (above, below) = (values, values)
            above.elements[index] += 1e-5
            below.elements[index] -= 1e-5
            let expected = (loss(above, labels) - loss(below, labels)) / 2e-5 / 16
            #expect(abs(Double(gradient) - expected) <= 0x1p-24 * abs(expected) + 1e-10)
        }
    }

    @Test("with label smoothing and class weights", arguments: [0, 0.1, 0.75], [nil, [0.5, 3, 1.25]])
    func smoothedAndWeighted(smoothing: Double, classWeights: [Double]?) {
        let labels = [2, 0, 1, 1, 0, 2]
        let logits = sample([6, 3], "logits")
        let result = CrossEntropy(
            logits: logits,
            labels: labels,
            divisor: 7,
            smoothing: smoothing,
            classWeights: classWeights
        )
        func loss(_ values: Matrix) -> Double {
            self.loss(values, labels, smoothing: smoothing, classWeights: classWeights)
        }
        let values = Matrix(logits)
        #expect(abs(result.sum - loss(values)) < 1e-12)
        for (index, gradient) in result.gradient.elements.enumerated() {
            var (above, below) = (values, values)
            above.elements[index] += 1e-5
            below.elements[index] -= 1e-5
            let expected = (loss(above) - loss(below)) / 2e-5 / 7
            #expect(abs(Double(gradient) - expected) <= 0x1p-24 * abs(expected) + 1e-9)
        }
    }

    @Test("large logits neither overflow nor lose the difference")
    func largeLogits() {
        let result = CrossEntropy(
            logits: Tensor([3, 2], [1e4, 0, -3e38, 3e38, 1e30, 1e30]),
            labels: [0, 1, 0],
            divisor: 1
        )
        #expect(abs(result.sum - log(2)) < 1e-12)
        #expect(result.gradient.elements == [0, 0, 0, 0, -0.5, 0.5])
        let wrong = CrossEntropy(logits: Tensor([1, 2], [1e4, 0]), labels: [1], divisor: 2)
        #expect(wrong.sum == 1e4)
        #expect(wrong.gradient.elements == [0.5, -0.5])
    }

    @Test("shards that share a divisor add up to the batch")
    func shards() {
        let logits = sample([7, 3], "logits")
        let labels = [0, 1, 2, 2, 1, 0, 1]
        let whole = CrossEntropy(logits: logits, labels: labels, divisor: 7)
        let parts = [0..<2, 2..<2, 2..<7].map {
            CrossEntropy(logits: logits.rows($0), labels: Array(labels[$0]), divisor: 7)
        }
        #expect(abs(parts.reduce(0) { $0 + $1.sum } - whole.sum) < 1e-12)
        #expect(parts.flatMap(\.gradient.elements) == whole.gradient.elements)
    }

    @Test("a logit that is NaN shows in the loss")
    func notANumber() {
        let result = CrossEntropy(logits: Tensor([2, 2], [0, .nan, 1, 2]), labels: [0, 1], divisor: 2)
        #expect(result.sum.isNaN)
        #expect(result.gradient.elements[0].isNaN && !result.gradient.elements[2].isNaN)
    }
}
