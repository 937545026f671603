import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import TestSupport
import Testing

@Suite(
    "Every method on the real MiniLM",
    .enabled(if: FetchedFiles.canTest("minilm"), "run 'make fetch' first")
)
struct MiniLMMethodTests {
    let base: FrozenModel<BERT>
    let examples: [ClassificationExample]

    init() throws {
        base = try FrozenModel<BERT>.open(FetchedFiles.url("minilm"))
        examples = try Golden.json("minilm/expected.json")["token_ids"].elements().map {
            ClassificationExample(ids: try $0.ints().map(Int32.init), label: 0)
        }
    }

    @Test("logits as peft computes them", arguments: ["dora", "ia3", "prefix", "prompt"])
    func logits(_ name: String) throws {
        let expected = try Golden.json("minilm/methods/\(name)/expected.json")
        let folder = try AdapterFolder(Golden.folder.appending(path: "minilm/methods/\(name)/adapter"))
        let adapter = try folder.adapter(for: base)
        #expect(try adapter.parameterCount == expected["trainable_parameters"].int())
        let logits = try expected["logits"].matrix()
        #expect(logits.count == examples.count)
        let pass = Pass(base.architecture, adapter, examples, records: false)
        #expect(Agreement.tolerances(pass.logits, logits) < 1)
    }

    static let mergeable: [any AdapterMethod] = [
        LoRA(rank: 8, alpha: 24, targets: .allLinear, bias: .all), DoRA(LoRA(rank: 4, alpha: 6)), IA3(), BitFit(),
        Stacked([LoRA(rank: 4, alpha: 6), IA3()]),
    ]

    @Test("merged weights answer like the adapter", arguments: mergeable.indices)
    func merged(_ index: Int) throws {
        let adapter = try moved(Self.mergeable[index])
        let with = Pass(base.architecture, adapter, examples, records: false).logits
        let merged = try base.merging(adapter)
        #expect(Agreement.tolerances(Pass(merged.architecture, nil, examples, records: false).logits, with) < 1)
        let head = try moved(LoRA(rank: 1, targets: ["query"]), strength: 0)
        #expect(Agreement.tolerances(Pass(base.architecture, head, examples, records: false).logits, with) > 100)
    }

    @Test("one batch with an adapter per row gives what each gives alone")
    func routed() throws {
        let methods: [any AdapterMethod] = [
            LoRA(rank: 8), LoRA(rank: 3, targets: .allLinear), DoRA(LoRA(rank: 2)), IA3(), BitFit(),
            Prefix(virtualTokens: 5), Prompt(virtualTokens: 9), Adapter.seqBN,
        ]
        let adapters = try methods.map { try moved($0) }
        let rows = Array(examples.prefix(2 * adapters.count))
        let routes = adapters.map { AdapterRoute(sequences: 2, adapter: $0) }
        let together = Pass(base.architecture, RoutedAdapters(routes), rows, records: false).logits
        for (index, adapter) in adapters.enumerated() {
            let range = (2 * index)..<(2 * index + 2)
            let alone = Pass(base.architecture, adapter, Array(rows[range]), records: false).logits
            #expect(Agreement.tolerances(Array(together[range]), alone) < 1)
        }
    }

    /// An adapter that acts as a trained one does.
    private func moved(_ method: any AdapterMethod, strength: Float = 0.05) throws -> AdapterBundle {
        func fresh(_ method: some AdapterMethod) throws -> AdapterBundle {
            try AdapterBundle(method, for: base.architecture, labels: ["negative", "positive"], seed: 3)
        }
        var adapter = try fresh(method)
        adapter.visitParameters { parameter in
            let noise = CounterRandom(seed: 7, purpose: parameter.path)
                .normal(parameter.value.shape, standardDeviation: strength)
            let values = zip(parameter.value.elements, noise.elements).map { $0 + $1 }
            parameter.value = Tensor(parameter.value.shape, values)
        }
        return adapter
    }
}
