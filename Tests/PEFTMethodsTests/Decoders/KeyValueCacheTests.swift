import PEFTAutograd
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("Reading on from a cache gives what reading all at once gives")
struct KeyValueCacheTests {
    /// Windows that are shorter than the texts among them.
    static let models = ["llama", "mistral", "qwen2", "qwen3", "gpt2"]

    static let methods: [MethodCase?] = [
        nil,
        MethodCase(name: "LoRA", method: LoRA(rank: 2, alpha: 3, targets: .allLinear)),
        MethodCase(name: "Prefix", method: Prefix(virtualTokens: 3)),
        MethodCase(name: "Prompt", method: Prompt(virtualTokens: 2)),
        MethodCase(name: "Adapter", method: Adapter(reductionFactor: 2)),
    ]

    /// Texts of three lengths, each cut into parts of other lengths; every pass reads one part of each.
    private let texts: [[Int32]] = [
        (0..<19).map { Int32(4 + $0 * 7 % 45) }, (0..<14).map { Int32(4 + $0 * 11 % 45) },
        (0..<12).map { Int32(4 + $0 * 5 % 45) },
    ]
    private let cuts: [[Int]] = [[9, 10, 11, 15, 16, 19], [1, 2, 3, 9, 10, 14], [6, 8, 9, 10, 11, 12]]

    private func open(_ name: String) throws -> AnyLanguageModel {
        try GoldenDecoder.open(name, as: AnyLanguageModel.self).architecture
    }

    private func trained(_ method: MethodCase?, on model: AnyLanguageModel) throws -> AdapterBundle? {
        guard let method else { return nil }
        return try trained(method.method, on: model)
    }

    private func trained(_ method: some AdapterMethod, on model: AnyLanguageModel) throws -> AdapterBundle {
        try MethodCase.trained(method, on: model)
    }

    private func pass(
        _ model: AnyLanguageModel,
        _ adapter: (any AdapterWeights)?,
        _ sequences: [[Int32]],
        _ cache: KeyValueCache? = nil
    ) -> [[Double]] {
        let tape = Tape(pool: BufferPool(), isRecording: false)
        let context = ForwardContext(tape: tape, adapter: adapter, cache: cache)
        let batch = TokenBatch(sequences)
        let hidden = model.hiddenStates(batch, context)
        return model.logits(hidden, rows: TokenRows(batch), context).value.rowsOfDoubles
    }

    /// Each text's rows, read in parts.
    private func inParts(
        _ model: AnyLanguageModel,
        _ adapter: (any AdapterWeights)?,
        _ cache: KeyValueCache
    ) -> [[Double]] {
        var rows: [[[Double]]] = texts.map { _ in [] }
        for part in cuts[0].indices {
            let pieces = texts.indices.map { text in
                Array(texts[text][(part == 0 ? 0 : cuts[text][part - 1])..<cuts[text][part]])
            }
            var next = pass(model, adapter, pieces, cache)[...]
            for text in texts.indices {
                rows[text] += next.prefix(pieces[text].count)
                next = next.dropFirst(pieces[text].count)
            }
        }
        return rows.flatMap { $0 }
    }

    @Test("several uneven texts, part by part", arguments: models, methods)
    func parts(_ name: String, _ method: MethodCase?) throws {
        let model = try open(name)
        let adapter = try trained(method, on: model)
        let cache = KeyValueCache(for: model, sequences: 3)
        let (parts, whole) = (inParts(model, adapter, cache), pass(model, adapter, texts))
        #expect(Agreement.relative(parts, whole) < 1e-5)
        // Prompts are read as tokens and prefixes are keys: the next token stands behind them in both.
        let virtual = adapter?.reservedPositions ?? 0
        #expect(cache.lengths == texts.map { $0.count + virtual })
    }

    @Test("one text, token by token", arguments: models, methods)
    func tokens(_ name: String, _ method: MethodCase?) throws {
        let model = try open(name)
        let adapter = try trained(method, on: model)
        let cache = KeyValueCache(for: model, sequences: 1)
        let rows = texts[0].flatMap { pass(model, adapter, [[$0]], cache) }
        #expect(Agreement.relative(rows, pass(model, adapter, [texts[0]])) < 1e-5)
    }

    @Test("texts with adapters of their own", arguments: models)
    func routes(_ name: String) throws {
        let model = try open(name)
        let adapter = RoutedAdapters([
            AdapterRoute(sequences: 1, adapter: try trained(LoRA(rank: 2, alpha: 3), on: model)),
            AdapterRoute(sequences: 1, adapter: try trained(Prefix(virtualTokens: 2), on: model)),
            AdapterRoute(sequences: 1, adapter: try trained(Prompt(virtualTokens: 3), on: model)),
        ])
        let cache = KeyValueCache(for: model, sequences: 3)
        #expect(Agreement.relative(inParts(model, adapter, cache), pass(model, adapter, texts)) < 1e-5)
        #expect(cache.lengths == [19, 14 + 2, 12 + 3])
    }

    @Test("tokens that were only tried are forgotten, and other ones read in their place")
    func truncation() throws {
        let model = try open("mistral")
        let cache = KeyValueCache(for: model, sequences: 2, capacity: 8)
        _ = pass(model, nil, [Array(texts[0][..<6]), Array(texts[1][..<4])], cache)
        _ = pass(model, nil, [[40, 41], [42]], cache)
        cache.truncate(0, to: 6)
        cache.truncate(1, to: 4)
        let rest = pass(model, nil, [Array(texts[0][6...]), Array(texts[1][4...])], cache)
        let whole = pass(model, nil, [texts[0], texts[1]])
        #expect(Agreement.relative(rest, Array(whole[6..<19] + whole[(19 + 4)...])) < 1e-5)
    }

    @Test("sequences are dropped, repeated and put in another order")
    func keeping() throws {
        let model = try open("llama")
        let cache = KeyValueCache(for: model, sequences: 3)
        _ = pass(model, nil, texts.map { Array($0.dropLast()) }, cache)
        cache.keep([2, 0, 2])
        #expect(cache.sequences == 3 && cache.lengths == [11, 18, 11])
        let last = [[texts[2][11]], [texts[0][18]], [texts[2][11]]]
        let rows = pass(model, nil, last, cache)
        let whole = pass(model, nil, texts)
        #expect(Agreement.relative(rows, [whole[44], whole[18], whole[44]]) < 1e-5)
    }

    @Test("a classifier reads the last part's last token")
    func classifier() throws {
        let model = try GoldenDecoder.open("llama-classifier", as: DecoderClassifier.self).architecture
        let cache = KeyValueCache(for: model, sequences: 1)
        func logits(_ ids: [Int32], _ cache: KeyValueCache?) -> [[Double]] {
            let tape = Tape(pool: BufferPool(), isRecording: false)
            let context = ForwardContext(tape: tape, adapter: nil, cache: cache)
            return model.classify(TokenBatch([ids]), context).value.rowsOfDoubles
        }
        _ = logits(Array(texts[0][..<10]), cache)
        let (rest, whole) = (logits(Array(texts[0][10...]), cache), logits(texts[0], nil))
        #expect(Agreement.relative(rest, whole) < 1e-5)
    }
}
