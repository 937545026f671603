import PEFTInference
import PEFTTensor
import Testing

@Suite("The next token is chosen by its probability")
struct TokenChoiceTests {
    private func choice(_ logits: [Float], _ sampling: Sampling, seen: Set<Int32> = []) -> TokenChoice {
        logits.withUnsafeBufferPointer { TokenChoice($0, seen: seen, sampling) }
    }

    @Test("a temperature of 0 takes the likeliest, the first of equals")
    func greedy() {
        #expect(choice([1, 3, 3, 2], .greedy).candidates == [.init(id: 1, probability: 1)])
        #expect(choice([-1, -3], .greedy).token(at: 0.999) == 0)
    }

    @Test("a penalty makes greedy choices leave what is in the text already")
    func penalty() {
        #expect(choice([2, 1.9], Sampling(temperature: 0, repetitionPenalty: 1.2), seen: [0]).token(at: 0) == 1)
        #expect(choice([-2, -2.1], Sampling(temperature: 0, repetitionPenalty: 1.2), seen: [0]).token(at: 0) == 1)
    }

    @Test("over many places in [0, 1) every token comes as often as it should")
    func frequencies() {
        let logits: [Float] = [0, 1, -1, 2, 0.5]
        let choice = choice(logits, Sampling())
        let random = CounterRandom(seed: 3, purpose: "frequencies")
        var counts = [0, 0, 0, 0, 0]
        let draws = 40_000
        for draw in 0..<draws { counts[Int(choice.token(at: random.uniform(draw)))] += 1 }
        for candidate in choice.candidates {
            let found = Double(counts[Int(candidate.id)]) / Double(draws)
            // Five standard deviations.
            let bound = 5 * (candidate.probability * (1 - candidate.probability) / Double(draws)).squareRoot()
            #expect(abs(found - candidate.probability) < bound)
        }
    }

    @Test("the last place belongs to the last candidate, whatever rounding makes of the sum")
    func lastPlace() {
        #expect(choice([0, 0, 0], Sampling()).token(at: 1 - 0x1p-53) == 2)
    }

    @Test(
        "numbers that make no sense are refused with what is expected",
        arguments: [
            (Sampling(temperature: -1), "the temperature is -1.0; it must be at least 0"),
            (Sampling(temperature: .nan), "the temperature is nan; it must be at least 0"),
            (Sampling(topK: 0), "the top-k is 0; it must be at least 1"),
            (Sampling(topP: 0), "the top-p is 0.0; it must be above 0 and at most 1"),
            (Sampling(minP: 1.5), "the min-p is 1.5; it must be from 0 to 1"),
            (Sampling(repetitionPenalty: 0), "the repetition penalty is 0.0; it must be above 0"),
        ]
    )
    func refusals(sampling: Sampling, message: String) {
        let error = #expect(throws: GenerationError.self) { try sampling.validate() }
        #expect(error?.description == message)
    }
}
