import PEFTFormats
import PEFTInference
import TestModels
import Testing

@Suite("The next token's probabilities are those that transformers leaves of the logits")
struct SamplingGoldenTests {
    private func sampling(_ settings: JSONReader) throws -> Sampling {
        Sampling(
            temperature: try settings["temperature"].ifPresent?.double() ?? 1,
            topK: try settings["top_k"].ifPresent?.int(),
            topP: try settings["top_p"].ifPresent?.double(),
            minP: try settings["min_p"].ifPresent?.double(),
            repetitionPenalty: try settings["repetition_penalty"].ifPresent?.double() ?? 1
        )
    }

    @Test("every filter alone and all together, over normal, flat and tied logits")
    func probabilities() throws {
        let cases = try Golden.json("sampling.json")["cases"].elements()
        #expect(cases.count == 3)
        for item in cases {
            let logits = try item["logits"].doubles().map(Float.init)
            let seen = Set(try item["seen"].ints().map(Int32.init))
            for row in try item["rows"].elements() {
                let sampling = try sampling(row["settings"])
                let found = logits.withUnsafeBufferPointer { TokenChoice($0, seen: seen, sampling) }.candidates
                let expected = try row["probabilities"].members().map { (Int32($0.key) ?? -1, try $0.value.double()) }
                let name = try "\(item["name"].string()), \(sampling)"
                #expect(found.map(\.id) == expected.map(\.0), "\(name)")
                for (candidate, wanted) in zip(found, expected) {
                    #expect(abs(candidate.probability - wanted.1) < 1e-6, "\(name), token \(candidate.id)")
                }
            }
        }
    }
}
