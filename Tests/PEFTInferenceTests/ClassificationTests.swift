import PEFTInference
import Testing

@Suite("The answer for one text")
struct ClassificationTests {
    @Test("has the softmax of the logits as scores")
    func softmax() {
        let answer = Classification(logits: [1, 3, 2], labels: ["a", "b", "c"])
        let expected = [0.09003057317038046, 0.6652409557748218, 0.24472847105479764]
        for (score, value) in zip(answer.scores, expected) { #expect(abs(score - value) < 1e-12) }
        #expect(answer.label == "b" && answer.index == 1 && answer.score == answer.scores[1])
        #expect(answer.logits == [1, 3, 2])
    }

    @Test("takes the first of equal classes")
    func ties() {
        let answer = Classification(logits: [-1, 2, 2], labels: ["a", "b", "c"])
        #expect(answer.label == "b" && answer.scores[1] == answer.scores[2])
        let even = Classification(logits: [0, 0, 0], labels: ["a", "b", "c"])
        #expect(even.label == "a" && even.scores.allSatisfy { $0 == 1.0 / 3 })
        #expect(Classification(logits: [0, -0.0], labels: ["a", "b"]).label == "a")
    }

    @Test("goes by the logits where scores differ by less than their rounding")
    func nearTies() {
        let answer = Classification(logits: [0, 1e-30], labels: ["a", "b"])
        #expect(answer.label == "b" && answer.scores == [0.5, 0.5])
    }

    @Test(
        "survives logits of any size",
        arguments: [[3e38, -3e38, 0], [-3e38, -3e38, -3e38], [500, -500, 499], [1e-38, 0, 0]] as [[Float]]
    )
    func hugeLogits(_ logits: [Float]) {
        let answer = Classification(logits: logits, labels: ["a", "b", "c"])
        #expect(answer.label == "a")
        #expect(answer.scores.allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(abs(answer.scores.reduce(0, +) - 1) < 1e-12)
    }

    @Test("of one class is sure of it")
    func oneClass() {
        let answer = Classification(logits: [-7], labels: ["only"])
        #expect(answer.label == "only" && answer.score == 1)
    }
}
