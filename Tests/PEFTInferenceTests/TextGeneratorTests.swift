import Foundation
import PEFTAutograd
import PEFTInference
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("Texts are continued")
struct TextGeneratorTests {
    let base: FrozenModel<AnyLanguageModel>
    let tokenizer = LetterTokenizer()

    init() throws {
        base = try GoldenDecoder.open("llama", as: AnyLanguageModel.self)
    }

    private func generator(
        adapter: AdapterBundle? = nil,
        adapters: AdapterSet = AdapterSet(),
        endTokens: Set<Int32> = []
    ) throws -> TextGenerator<AnyLanguageModel> {
        try TextGenerator(
            base,
            tokenizer: tokenizer,
            adapter: adapter,
            adapters: adapters,
            endTokens: endTokens,
            workers: WorkerPool(threads: 2)
        )
    }

    private func trained(_ method: some AdapterMethod) throws -> AdapterBundle {
        try MethodCase.trained(method, on: base.architecture)
    }

    /// What the definition says: after each token the whole text is read anew, and the likeliest token appended.
    private func likeliest(after prompt: [Int32], count: Int, _ adapter: AdapterBundle?) -> [Int32] {
        var ids = prompt
        for _ in 0..<count {
            let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: false), adapter: adapter)
            let batch = TokenBatch([ids])
            let hidden = base.architecture.hiddenStates(batch, context)
            let (rows, indices) = TokenRows(batch).selecting([ids.count - 1])
            let logits = base.architecture.logits(context.tape.rows(indices, of: hidden), rows: rows, context)
            let values = logits.value.elements
            ids.append(Int32(values.indices.max { values[$0] < values[$1] } ?? 0))
        }
        return Array(ids.dropFirst(prompt.count))
    }

    @Test("with a cache as without, for the base and for adapters of every kind")
    func greedy() async throws {
        let methods: [any AdapterMethod] = [
            LoRA(rank: 2, alpha: 3, targets: .allLinear), DoRA(LoRA(rank: 2, alpha: 3)), IA3(),
            Prefix(virtualTokens: 3),
            Prompt(virtualTokens: 3), Adapter.doubleSeqBN.reduced(by: 4),
            Stacked([Prefix(virtualTokens: 2), LoRA(rank: 2, alpha: 3)]),
        ]
        let options = GenerationOptions(maximumTokens: 12)
        let prompts = ["hello", "a", "The quick one"]
        for method in methods.map(Optional.some) + [nil] {
            let adapter = try method.map { try trained($0) }
            let generator = try generator(adapter: adapter)
            let requests = try prompts.map { try generator.request($0, options: options) }
            for (request, generation) in zip(requests, try await generator.generate(requests)) {
                #expect(generation.tokens == likeliest(after: request.prompt, count: 12, adapter))
                #expect(generation.reason == .maximumTokens)
                #expect(generation.text == tokenizer.decode(generation.tokens, skippingSpecialTokens: true))
            }
        }
    }

    @Test("by adapters of their own, side by side")
    func routed() async throws {
        let adapters = try AdapterSet()
            .adding(trained(LoRA(rank: 2, alpha: 3, targets: .allLinear)), named: "low")
            .adding(trained(Prefix(virtualTokens: 2)), named: "prefix")
        let generator = try generator(adapters: adapters)
        // Of different lengths, so that some end while others go on.
        let requests = try ["low", nil, "prefix", "low", "prefix", nil, "low"].enumerated().map { index, name in
            try generator.request(
                "text number" + String(repeating: "x", count: index),
                adapter: name,
                options: GenerationOptions(maximumTokens: 3 + 2 * index)
            )
        }
        let together = try await generator.generate(requests)
        #expect(together.map(\.tokens.count) == [3, 5, 7, 9, 11, 13, 15])
        for (request, generation) in zip(requests, together) {
            let adapter = adapters.members.first { $0.name == request.adapter }?.adapter
            #expect(generation.tokens == likeliest(after: request.prompt, count: generation.tokens.count, adapter))
        }
        #expect(together[0].tokens != Array(together[1].tokens.prefix(3)))
    }

    @Test("piece by piece, which together are the text")
    func stream() async throws {
        let generator = try generator()
        var pieces: [String] = []
        for try await piece in try generator.stream("hello", options: GenerationOptions(maximumTokens: 10)) {
            pieces.append(piece)
        }
        let whole = try await generator.generate("hello", options: GenerationOptions(maximumTokens: 10))
        #expect(pieces.count > 1 && pieces.joined() == whole.text)
    }

    @Test("up to a token that ends them, or a string, neither of which is part of the text")
    func endings() async throws {
        let all = try await generator().generate("hello", options: GenerationOptions(maximumTokens: 12))
        let end = all.tokens[5]
        let first = try #require(all.tokens.firstIndex(of: end))
        let ended = try await generator(endTokens: [end])
            .generate("hello", options: GenerationOptions(maximumTokens: 12))
        #expect(ended.reason == .endToken && ended.tokens == Array(all.tokens[...first]))
        #expect(ended.text == tokenizer.decode(all.tokens[..<first], skippingSpecialTokens: true))
        let stop = String(all.text.dropFirst(2).prefix(2))
        let stopped = try await generator()
            .generate("hello", options: GenerationOptions(maximumTokens: 12, stopStrings: [stop]))
        #expect(stopped.reason == .stopString(stop))
        #expect(stopped.text == String(all.text[..<(try #require(all.text.range(of: stop))).lowerBound]))
    }

    @Test("until the model reads no more")
    func context() async throws {
        let limit = base.architecture.maximumLength
        let prompt = String(repeating: "a", count: limit - 3)
        let generation = try await generator().generate(prompt, options: GenerationOptions(maximumTokens: 50))
        #expect(generation.reason == .contextFull && generation.tokens.count == 3)
    }

    @Test("by chance that only the seed decides, whatever else is generated beside")
    func seeds() async throws {
        let generator = try generator()
        func request(_ seed: UInt64) throws -> GenerationRequest {
            try generator.request(
                "hello",
                options: GenerationOptions(maximumTokens: 16, sampling: Sampling(temperature: 2), seed: seed)
            )
        }
        let alone = try await generator.generate([request(1)])
        let beside = try await generator.generate([request(2), request(1), request(3)])
        #expect(beside[1] == alone[0])
        #expect(beside[0].tokens != beside[1].tokens && beside[2].tokens != beside[1].tokens)
    }

    @Test("what cannot be continued is said before anything is computed")
    func refusals() throws {
        let generator = try generator()
        func message(_ body: () throws -> Void) -> String {
            do {
                try body()
                return ""
            } catch {
                return "\(error)"
            }
        }
        let limit = base.architecture.maximumLength
        #expect(
            message { _ = try generator.stream("") }
                == "the prompt has no tokens, and there is nothing to continue; give it at least one character"
        )
        #expect(
            message { _ = try generator.stream(String(repeating: "a", count: limit)) }
                == "the prompt has \(limit) tokens, but the model reads \(limit) with this adapter, and at least one is for the "
                + "answer; shorten the prompt to \(limit - 1)"
        )
        #expect(
            message { _ = try generator.stream(GenerationRequest(prompt: [4, 99])) }
                == "the prompt has the token 99, the model embeddings for 0 to 49 only"
        )
        #expect(
            message { _ = try generator.stream(GenerationRequest(prompt: [4], adapter: "nobody")) }
                == "there is no adapter 'nobody'; there are none"
        )
        #expect(
            message { _ = try generator.stream("a", options: GenerationOptions(maximumTokens: 0)) }
                == "the number of tokens to generate is 0; it must be at least 1"
        )
        #expect(
            message { _ = try generator.stream("a", options: GenerationOptions(stopStrings: ["x", ""])) }
                == "a stop string is empty, so that every text would end before it begins; leave it out"
        )
    }

    @Test("a stream that nobody reads on ends the work")
    func cancellation() async throws {
        let generator = try generator()
        let options = GenerationOptions(maximumTokens: 40)
        for _ in 0..<20 {
            for try await _ in try generator.stream("hello", options: options) { break }
        }
        let after = try await generator.generate("hello", options: GenerationOptions(maximumTokens: 2))
        #expect(after.tokens.count == 2)
    }
}
