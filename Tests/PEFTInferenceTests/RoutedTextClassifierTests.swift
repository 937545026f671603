import PEFTInference
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A text classifier whose texts choose their adapters")
struct RoutedTextClassifierTests {
    let base: FrozenModel<BERT>
    let adapters: AdapterSet

    init() throws {
        base = try Golden.model("classifier")
        let model = base.architecture
        let random = LoRA(rank: 3, alpha: 12, targets: .allLinear, initialization: .random)
        adapters = try AdapterSet()
            .adding(AdapterBundle(random, for: model, labels: ["no", "yes"], seed: 1), named: "two")
            .adding(
                AdapterBundle(Prefix(virtualTokens: 4), for: model, labels: ["a", "b", "c", "d"], seed: 2),
                named: "four"
            )
            .adding(
                AdapterBundle(IA3(), for: model, labels: ["x", "y", "z"], maximumLength: 5, seed: 3),
                named: "short"
            )
    }

    private func classifier(_ base: FrozenModel<BERT>? = nil) throws -> RoutedTextClassifier<BERT> {
        try RoutedTextClassifier(base ?? self.base, tokenizer: TestTokenizer(), adapters: adapters)
    }

    /// Texts of all lengths, with the adapters in turns, in no order.
    private let texts = (0..<29).map { number in
        RoutedText(
            (0..<(number * 5 % 17)).map { String(repeating: "x", count: 1 + ($0 * number) % 40) }.joined(
                separator: " "
            ),
            adapter: ["two", nil, "four", "two", "short"][number * 3 % 5]
        )
    }

    @Test("answers in the order of the texts, each as its adapter alone does", arguments: [1, 7, 16, 100])
    func asAlone(batchSize: Int) async throws {
        let answers = try await classifier().classify(texts, batchSize: batchSize)
        #expect(answers.count == texts.count)
        for (text, answer) in zip(texts, answers) {
            let adapter = text.adapter.flatMap { adapters[$0] }
            let alone = try await TextClassifier(base, tokenizer: TestTokenizer(), adapter: adapter).classify(text.text)
            #expect(answer.label == alone.label)
            #expect(answer.logits.count == (adapter?.labels ?? base.architecture.labels).count)
            for (a, b) in zip(answer.logits, alone.logits) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
            #expect(abs(answer.scores.reduce(0, +) - 1) < 1e-12)
        }
        #expect(Set(answers.map(\.logits)).count > 15)
    }

    @Test("knows the labels of each adapter, and those of the base")
    func labels() throws {
        let classifier = try classifier()
        #expect(try classifier.labels(of: "two") == ["no", "yes"])
        #expect(try classifier.labels(of: nil) == ["negative", "neutral", "positive"])
        #expect(classifier.baseHasHead)
    }

    @Test("of no texts answers nothing")
    func noTexts() async throws {
        #expect(try await classifier().classify([]).isEmpty)
    }

    @Test("refuses a name it does not know")
    func unknownName() async throws {
        let error = await #expect(throws: AdapterSetError.self) {
            try await classifier().classify([RoutedText("a", adapter: "two"), RoutedText("b", adapter: "tow")])
        }
        #expect(error?.description.contains("no adapter named \"tow\"") == true)
    }

    @Test("refuses texts without an adapter where the base has no head, and only those")
    func headlessBase() async throws {
        let headless = try Golden.model("unprefixed")
        let adapter = try AdapterBundle(LoRA(), for: headless.architecture, labels: ["a", "b"])
        let classifier = try RoutedTextClassifier(
            headless,
            tokenizer: TestTokenizer(),
            adapters: AdapterSet().adding(adapter, named: "own")
        )
        #expect(!classifier.baseHasHead)
        #expect(try await classifier.classify([RoutedText("a", adapter: "own")]).count == 1)
        await #expect(throws: ClassifierError.self) {
            try await classifier.classify([RoutedText("a", adapter: "own"), RoutedText("b", adapter: nil)])
        }
    }

    @Test("refuses a length that leaves no room for one adapter's virtual tokens")
    func length() throws {
        let error = #expect(throws: ClassifierError.self) {
            try RoutedTextClassifier(base, tokenizer: TestTokenizer(), adapters: adapters, maximumLength: 62)
        }
        #expect(error?.description == "a maximum length of 62 is more than the 60 tokens the model can read")
    }
}
