import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("A prompt")
struct PromptTests {
    let model: BERT
    let examples = Sentences.uneven
    let words: Tensor

    init() throws {
        model = try Golden.model("classifier").architecture
        words = try #require(model.parameters.first { $0.path.hasSuffix("word_embeddings.weight") }).value
    }

    private func row(_ index: Int) -> [Float] { words.rows(index..<(index + 1)).elements }

    private func rows(_ method: Prompt, seed: UInt64 = 1) throws -> [[Float]] {
        let table = try method.makeWeights(for: model, seed: seed).table.value
        return (0..<table.shape[0]).map { table.rows($0..<($0 + 1)).elements }
    }

    @Test("starts normal with deviation 1")
    func random() throws {
        let values = try rows(Prompt(virtualTokens: 60)).joined().map(Double.init)
        #expect(values.count == 60 * 32)
        let mean = values.reduce(0, +) / Double(values.count)
        let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        #expect(abs(mean) < 5 / Double(values.count).squareRoot())
        #expect(abs(square - 1) < 5 * (2 / Double(values.count)).squareRoot())
    }

    @Test("or with the embeddings of random tokens, another choice for every seed")
    func vocabulary() throws {
        let method = Prompt(virtualTokens: 12, initialization: .vocabulary)
        let all = Set((0..<words.shape[0]).map(row))
        let (first, second) = (try rows(method), try rows(method, seed: 2))
        #expect(first.allSatisfy(all.contains) && second.allSatisfy(all.contains))
        #expect(first != second && Set(first).count > 6)
    }

    @Test("or with a text's tokens, cut or repeated to the number of virtual tokens", arguments: [1, 2, 3, 7])
    func text(count: Int) throws {
        let start = Prompt.Initialization.text("good or bad", ids: [7, 90, 7], tokenizer: "tiny")
        let expected = [7, 90, 7, 7, 90, 7, 7].prefix(count).map(row)
        #expect(try rows(Prompt(virtualTokens: count, initialization: start)) == expected)
    }

    @Test("that equals word embeddings is as good as these words", arguments: Prompt.Pooler.allCases)
    func asWords(_ pooler: Prompt.Pooler) throws {
        let start = Prompt.Initialization.text("", ids: [17, 90], tokenizer: "tiny")
        let method = Prompt(virtualTokens: 2, initialization: start, pooler: pooler)
        let prompt = Pass(model, try method.makeWeights(for: model, seed: 0), examples).logits
        let written = examples.map { example in
            ClassificationExample(ids: [17, 90] + example.ids, typeIDs: [0, 0] + example.typeIDs, label: 0)
        }
        let difference = Agreement.relative(prompt, Pass(model, nil, written, records: false).logits)
        // The base's pooler reads the first token there is.
        #expect(pooler == .virtualToken ? difference < 1e-5 : difference > 1e-2)
    }

    @Test("takes positions, but no virtual keys and values")
    func positions() throws {
        let weights = try Prompt().makeWeights(for: model, seed: 1)
        #expect(weights.reservedPositions == 20 && weights.virtualPositions == 0)
    }

    @Test("of no virtual tokens, of more than leave room for a text, or of unknown words is refused")
    func refusals() throws {
        func refusal(_ method: Prompt) -> String {
            #expect(throws: (any Error).self) { try method.makeWeights(for: model, seed: 0) }.map { "\($0)" } ?? ""
        }
        let none = refusal(Prompt(virtualTokens: 0))
        #expect(none == "the number of virtual tokens of prompt must be at least 1, not 0")
        #expect(throws: VirtualTokenError.self) { try Prompt(virtualTokens: -1).validate() }
        #expect(refusal(Prompt(virtualTokens: 64)).contains("64 virtual tokens of prompt leave no room for a text"))
        _ = try Prompt(virtualTokens: 63).makeWeights(for: model, seed: 0)
        let empty = refusal(Prompt(initialization: .text("nothing", ids: [], tokenizer: "tiny")))
        #expect(empty.contains("initial text \"nothing\" comes without tokens"))
        for id in [Int32(120), -1] {
            let foreign = refusal(Prompt(initialization: .text("x", ids: [4, id], tokenizer: "tiny")))
            #expect(foreign.contains("has the token \(id), the model embeddings for 0 to 119 only"))
        }
    }

    @Test("is the same recipe after coding and decoding")
    func coding() throws {
        for start in [.random, .vocabulary, .text("a", ids: [1, 2], tokenizer: "t")] as [Prompt.Initialization] {
            let method = Prompt(
                virtualTokens: 3,
                initialization: start,
                pooler: .virtualToken,
                savedModules: ["pooler"]
            )
            let decoded = try JSONDecoder().decode(Prompt.self, from: JSONEncoder().encode(method))
            #expect(decoded.virtualTokens == 3 && decoded.initialization == start)
            #expect(decoded.pooler == .virtualToken && decoded.savedModules == ["pooler"])
        }
    }

    @Test("or a prefix of any length shares a batch with others, and each gets what it gets alone")
    func routed() throws {
        let methods: [any AdapterMethod] = [
            Prefix(virtualTokens: 3), Prompt(virtualTokens: 2), Prompt(virtualTokens: 5, pooler: .virtualToken),
            Prefix(virtualTokens: 1, isProjected: true),
        ]
        let adapters = try methods.map { try MethodCase(name: "", method: $0).trained(on: model) } + [nil, nil]
        let routes = adapters.map { AdapterRoute(sequences: 1, adapter: $0) }
        let routed = RoutedAdapters(routes)
        #expect(routed.reservedPositions == 5)
        let together = Pass(model, routed, examples, records: false).logits
        for (index, adapter) in adapters.enumerated() {
            let alone = Pass(model, adapter, [examples[index]], records: false).logits
            #expect(Agreement.relative([together[index]], alone) < 1e-5)
        }
    }

    @Test("stacks with a prefix and a LoRA: the text stands behind both")
    func stacked() throws {
        let stack = Stacked([Prefix(virtualTokens: 3), Prompt(virtualTokens: 2), LoRA(rank: 2)])
        let adapter = try AdapterBundle(stack, for: model, labels: ["a", "b", "c"])
        #expect(adapter.reservedPositions == 5)
        let logits = Pass(model, adapter, examples).logits
        #expect(logits.joined().allSatisfy { $0.isFinite })
        #expect(throws: StackError.self) {
            try Stacked([Prefix(virtualTokens: 3), Prefix(virtualTokens: 2)]).makeWeights(for: model, seed: 0)
        }
        #expect(throws: StackError.self) {
            try Stacked([Prompt(virtualTokens: 3), Prompt(virtualTokens: 2)]).makeWeights(for: model, seed: 0)
        }
    }
}
