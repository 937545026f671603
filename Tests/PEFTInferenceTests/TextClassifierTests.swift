import PEFTInference
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTokenizers
import PEFTTraining
import TestModels
import Testing

@Suite("A text classifier")
struct TextClassifierTests {
    let base: FrozenModel<BERT>
    let texts = (0..<37).map { number in
        (0..<(number * 7 % 23)).map { String(repeating: "x", count: 1 + ($0 * number) % 60) }.joined(separator: " ")
    }

    init() throws {
        base = try Golden.model("classifier")
    }

    private func adapter(_ labels: [String], seed: UInt64 = 1, rank: Int = 4, length: Int? = nil) throws
        -> AdapterBundle
    {
        let method = LoRA(rank: rank, alpha: 16, targets: .allLinear, initialization: .random)
        return try AdapterBundle(method, for: base.architecture, labels: labels, maximumLength: length, seed: seed)
    }

    private func classifier(_ adapter: AdapterBundle? = nil, maximumLength: Int? = nil) throws -> TextClassifier<BERT> {
        try TextClassifier(base, tokenizer: TestTokenizer(), adapter: adapter, maximumLength: maximumLength)
    }

    @Test("answers in the order of the texts, each as if it were alone", arguments: [1, 4, 16, 100])
    func order(batchSize: Int) async throws {
        let classifier = try classifier(adapter(["no", "yes"]))
        let answers = try await classifier.classify(texts, batchSize: batchSize)
        #expect(answers.count == texts.count)
        for (text, answer) in zip(texts, answers) {
            let alone = try await classifier.classify(text)
            for (a, b) in zip(answer.logits, alone.logits) { #expect(abs(a - b) < 1e-5 * max(1, abs(b))) }
            #expect(answer.label == alone.label)
            #expect(abs(answer.scores.reduce(0, +) - 1) < 1e-12)
        }
        #expect(Set(answers.map(\.logits)).count > 20)
    }

    @Test("computes what the model computes for the tokens")
    func logits() async throws {
        let adapter = try adapter(["no", "yes"])
        let encodings = try texts.map { try TestTokenizer().encode($0) }
        let pass = Pass(
            base.architecture,
            adapter,
            encodings.map { ClassificationExample(ids: $0.ids, label: 0) },
            records: false
        )
        let answers = try await classifier(adapter).classify(texts)
        #expect(Agreement.relative(answers.map { $0.logits.map(Double.init) }, pass.logits) < 1e-5)
    }

    @Test("of no texts answers nothing")
    func noTexts() async throws {
        #expect(try await classifier().classify([String]()).isEmpty)
    }

    @Test("takes batches of at least one text", arguments: [0, -3])
    func batchSize(_ size: Int) async throws {
        #expect(try await classifier().classify(["a", "b"], batchSize: size).count == 2)
    }

    @Test("has the base's own head and labels without an adapter, the adapter's with one")
    func heads() async throws {
        let own = try classifier()
        #expect(own.labels == ["negative", "neutral", "positive"])
        let other = try classifier(adapter(["a", "b", "c", "d", "e"]))
        #expect(other.labels == ["a", "b", "c", "d", "e"])
        let (first, second) = (try await own.classify("one two"), try await other.classify("one two"))
        #expect(first.logits.count == 3 && second.logits.count == 5)
        #expect(own.labels.contains(first.label) && other.labels.contains(second.label))
    }

    @Test("cuts texts to the length it is given, the adapter's, or what the model reads, in this order")
    func length() async throws {
        #expect(try classifier().maximumLength == 64)
        #expect(try classifier(adapter(["a", "b"], length: 9)).maximumLength == 9)
        #expect(try classifier(adapter(["a", "b"], length: 9), maximumLength: 12).maximumLength == 12)
        #expect(try classifier(adapter(["a", "b"], length: 500)).maximumLength == 64)
        let long = Array(repeating: "word", count: 200).joined(separator: " ")
        let cut = try await classifier(maximumLength: 5).classify(long)
        #expect(try await cut == classifier().classify("word word word"))
        _ = try await classifier().classify(long)
    }

    @Test("leaves virtual tokens their positions")
    func virtualTokens() async throws {
        let methods: [any AdapterMethod] = [Prefix(virtualTokens: 3), Prompt(virtualTokens: 3)]
        let adapters = try methods.map { try bundle($0) }
        let long = Array(repeating: "word", count: 200).joined(separator: " ")
        for adapter in adapters {
            #expect(try classifier(adapter).maximumLength == 61)
            let answer = try await classifier(adapter).classify(long)
            #expect(answer.logits.allSatisfy { $0.isFinite })
            let error = #expect(throws: ClassifierError.self) { try classifier(adapter, maximumLength: 62) }
            #expect(error?.description == "a maximum length of 62 is more than the 61 tokens the model can read")
        }
    }

    private func bundle(_ method: some AdapterMethod) throws -> AdapterBundle {
        try AdapterBundle(method, for: base.architecture, labels: ["a", "b"])
    }

    @Test("refuses a length that the model cannot read, a base without a head, and another model's tokenizer")
    func errors() throws {
        func refusal(_ make: () throws -> TextClassifier<BERT>) -> String {
            #expect(throws: ClassifierError.self) { try make() }?.description ?? ""
        }
        let long = refusal { try classifier(maximumLength: 65) }
        #expect(long == "a maximum length of 65 is more than the 64 tokens the model can read")
        let headless = try Golden.model("unprefixed")
        let noHead = refusal { try TextClassifier(headless, tokenizer: TestTokenizer()) }
        #expect(noHead.contains("has no classifier of its own; give an adapter that brings one"))
        let tokenizer = TestTokenizer(vocabularySize: 121)
        let foreign = refusal { try TextClassifier(base, tokenizer: tokenizer) }
        #expect(foreign.contains("the tokenizer has 121 tokens, the model embeddings for 120 only"))
    }

    @Test("gives a headless base the adapter's head")
    func headlessBase() async throws {
        let headless = try Golden.model("unprefixed")
        let adapter = try AdapterBundle(LoRA(), for: headless.architecture, labels: ["a", "b"])
        let classifier = try TextClassifier(headless, tokenizer: TestTokenizer(), adapter: adapter)
        #expect(try await classifier.classify("some words").scores.count == 2)
    }

    @Test("passes on what the tokenizer throws, and says which text has no tokens")
    func badTexts() async throws {
        await #expect(throws: TestTokenizer.BadWord.self) { try await classifier().classify(texts + ["a bad text"]) }
        let bare = try TextClassifier(base, tokenizer: TestTokenizer(isFramed: false))
        let error = await #expect(throws: ClassifierError.self) { try await bare.classify(["one", " ", "two"]) }
        #expect(error?.description == "the tokenizer gives no tokens for \" \"; a classifier needs at least one")
        #expect(try await classifier().classify("").scores.count == 3)
    }

    @Test("shares its base and workers with others, each giving what it gives alone")
    func concurrency() async throws {
        let classifiers =
            try (1...6).map { number in
                let labels = (0..<(1 + number)).map(String.init)
                return try classifier(adapter(labels, seed: UInt64(number), rank: number))
            } + [classifier()]
        var alone: [[[Float]]] = []
        for classifier in classifiers { alone.append(try await classifier.classify(texts).map(\.logits)) }
        let together = try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
            for _ in 0..<3 {
                for (index, classifier) in classifiers.enumerated() {
                    group.addTask { [texts] in (index, try await classifier.classify(texts).map(\.logits)) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(together.count == 21 && Set(alone.map { $0[3] }).count == 7)
        for (index, logits) in together { #expect(logits == alone[index]) }
    }

    @Test("stops when its task is cancelled")
    func cancellation() async throws {
        let workers = WorkerPool(threads: 1)
        let classifier = try TextClassifier(base, tokenizer: TestTokenizer(), workers: workers)
        let many = Array(repeating: texts, count: 2_000).flatMap { $0 }
        let task = Task { try await classifier.classify(many) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        // All texts together would be answers; cancelled in their midst there are none.
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(
            try await classifier.classify("again") == TextClassifier(base, tokenizer: TestTokenizer()).classify("again")
        )
    }
}
