import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Squared error")
struct SquaredErrorTests {
    private func loss(_ outputs: [Double], _ targets: [Double]) -> Double {
        zip(outputs, targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }

    @Test("the sum of (output − target)², and its gradient over the batch's divisor by finite differences")
    func gradient() {
        let outputs = sample([6, 1], "outputs")
        let targets = [0.25, -3, 1e3, 0, 1.5, -0.1]
        let result = SquaredError(outputs: outputs, targets: targets, divisor: 16)
        let values = outputs.elements.map(Double.init)
        #expect(abs(result.sum - loss(values, targets)) < 1e-9)
        #expect(result.gradient.shape == [6, 1])
        for (index, gradient) in result.gradient.elements.enumerated() {
            var (above, below) = (values, values)
            above[index] += 1e-3
            below[index] -= 1e-3
            let expected = (loss(above, targets) - loss(below, targets)) / 2e-3 / 16
            #expect(abs(Double(gradient) - expected) <= 1e-6 * max(1, abs(expected)))
        }
    }

    @Test("shards that share a divisor add up to the batch")
    func shards() {
        let outputs = sample([5, 1], "outputs")
        let targets = [1.0, 2, 3, 4, 5]
        let whole = SquaredError(outputs: outputs, targets: targets, divisor: 5)
        let parts = [0..<2, 2..<5].map { range in
            SquaredError(outputs: outputs.rows(range), targets: Array(targets[range]), divisor: 5)
        }
        #expect(abs(parts[0].sum + parts[1].sum - whole.sum) < 1e-12)
        #expect(parts.flatMap(\.gradient.elements) == whole.gradient.elements)
    }
}
