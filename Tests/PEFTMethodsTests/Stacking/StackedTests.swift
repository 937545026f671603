import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import TestSupport
import Testing

@Suite("A stack of methods")
struct StackedTests {
    let base: FrozenModel<BERT>
    let examples = Sentences.uneven

    init() throws {
        base = try Golden.model("classifier")
    }

    private var model: BERT { base.architecture }

    private func trained(_ method: any AdapterMethod) throws -> AdapterBundle {
        try MethodCase(name: "", method: method).trained(on: model)
    }

    /// Every linear map's weight and bias as arrays, for the maths by hand.
    private func tensors() -> [String: [Float]] {
        Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.path, $0.value.elements) })
    }

    @Test("LoRA under IA3 is y = l ⊙ ((W + s B A) (l′ ⊙ x) + b), worked out by hand")
    func byHand() throws {
        let lora = LoRA(rank: 2, alpha: 3, targets: ["key", "output.dense"])
        let adapter = try trained(Stacked([lora, IA3()]))
        let parts = try #require(adapter.weights as? StackedWeights).parts.map(\.weights)
        let low = try #require(parts[0] as? LoRAWeights)
        let scales = try #require(parts[1] as? IA3Weights)
        let own = tensors()
        var merged: [String: Tensor] = [:]
        for site in model.sites {
            guard case .linear(let inputs, let outputs) = site.kind, var weight = own["\(site.module).weight"],
                var bias = own["\(site.module).bias"]
            else { continue }
            if let module = low.modules.first(where: { $0.site == site.site }) {
                let (a, b) = (module.down.value.elements, module.up.value.elements)
                for row in 0..<outputs {
                    for column in 0..<inputs {
                        let sum = (0..<2).reduce(0.0) { $0 + Double(b[row * 2 + $1] * a[$1 * inputs + column]) }
                        weight[row * inputs + column] += Float(1.5 * sum)
                    }
                }
            }
            if let module = scales.modules.first(where: { $0.site == site.site }) {
                let l = module.scale.value.elements
                for index in weight.indices {
                    weight[index] *= module.scalesInput ? l[index % inputs] : l[index / inputs]
                }
                if !module.scalesInput { bias = zip(bias, l).map { $0 * $1 } }
            }
            merged["\(site.module).weight"] = Tensor([outputs, inputs], weight)
            merged["\(site.module).bias"] = Tensor([outputs], bias)
        }
        for parameter in adapter.modules { merged[parameter.path] = parameter.value }
        let expected = Pass(model.replacing(merged), nil, examples).logits
        #expect(Agreement.relative(Pass(model, adapter, examples).logits, expected) < 1e-5)
    }

    @Test("two LoRAs add up as their exact combination does")
    func twoLoRAs() throws {
        let first = try trained(LoRA(rank: 2, alpha: 3))
        let second = try trained(LoRA(rank: 3, alpha: 1, targets: ["value", "output.dense"]))
        let stacked = try AdapterBundle.stacking([first, second], on: model)
        let combined = try AdapterBundle.combining([(first, 1), (second, 1)], by: LoRACombination(.concatenation))
        let (a, b) = (Pass(model, stacked, examples), Pass(model, combined, examples))
        #expect(Agreement.relative(a.logits, b.logits) < 1e-5)
        #expect(stacked.parameterCount == first.parameterCount + second.parameterCount - head(first))
    }

    private func head(_ adapter: AdapterBundle) -> Int { adapter.modules.reduce(0) { $0 + $1.value.count } }

    @Test("UniPELT's and MAM's stacks train, are saved part by part and come back the same")
    func published() async throws {
        let stacks = [
            Stacked([Prefix(virtualTokens: 3), Adapter.seqBN.reduced(by: 8), LoRA(rank: 2)]),
            Stacked([Prefix(virtualTokens: 3), Adapter.parBN.reduced(by: 4)]),
        ]
        let training = try Golden.examples("training", classes: 3).filter { $0.ids.count <= 32 }
        let temporary = try TemporaryFolder()
        for (index, stack) in stacks.enumerated() {
            let start = try MethodCase(name: "", method: stack).fresh(on: model)
            let arguments = TrainingArguments(epochs: 3, batchSize: 4, learningRate: 1e-2, baseDropout: 0)
            let run = try await Trainer(base, task: ClassificationTask(), arguments: arguments)
                .train(start, on: training)
            #expect(run.epochs[2].loss < run.epochs[0].loss)
            let folder = temporary.url.appending(path: "stack-\(index)")
            try run.adapter.save(to: folder, for: base)
            let loaded = try AdapterFolder(folder).adapter(for: base)
            #expect(Pass(model, loaded, examples).logits == Pass(model, run.adapter, examples).logits)
            // A part is an adapter by itself, with the head.
            let part = try AdapterFolder(folder.appending(path: "prefix")).adapter(for: base)
            #expect(part.method is Prefix && part.labels == MethodCase.labels)
        }
    }

    @Test(
        "what only one can have is claimed once: an error names the place and both methods",
        arguments: [
            ([Prompt(virtualTokens: 2), Prompt(virtualTokens: 3)], "the tokens in front of every text"),
            ([Prefix(virtualTokens: 2), Prefix(virtualTokens: 3)], "the virtual keys and values of block 0"),
            ([BitFit(), LoRA(bias: .all)], "the tensor bert."),
            ([DoRA(LoRA()), LoRA(targets: ["value"])], "the product of bert.encoder.layer.0.attention.self.value"),
            ([Adapter.seqBN.reduced(by: 8), Adapter.parBN.reduced(by: 8)], "the output of the feed-forward of block"),
            ([FullFineTuning(), BitFit()], "the tensor bert."),
        ] as [([any AdapterMethod], String)]
    )
    func conflicts(_ methods: [any AdapterMethod], _ place: String) throws {
        let error = #expect(throws: StackError.self) { try Stacked(methods).makeWeights(for: model, seed: 0) }
        let names = methods.map { type(of: $0).name }
        let text = error?.description ?? ""
        #expect(text.contains(place), "\(text)")
        for name in names { #expect(text.contains(name), "\(text)") }
    }

    @Test("an empty stack is an error")
    func empty() {
        #expect(throws: StackError.self) { try Stacked([]).validate() }
        #expect(throws: StackError.self) { try AdapterBundle.stacking([], on: model) }
    }

    @Test("a stack is the same after coding and decoding, and unknown methods are an error")
    func coding() throws {
        let stack = Stacked([LoRA(rank: 3), Stacked([IA3(), Prefix(virtualTokens: 4)])])
        let data = try JSONEncoder().encode(stack)
        let decoded = try JSONDecoder().decode(Stacked.self, from: data)
        #expect((decoded.methods[0] as? LoRA)?.rank == 3)
        let inner = try #require(decoded.methods[1] as? Stacked)
        #expect(inner.methods[0] is IA3 && (inner.methods[1] as? Prefix)?.virtualTokens == 4)
        let unknown = Data(#"[{"method": "nonsense", "recipe": {}}]"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Stacked.self, from: unknown) }
    }

    @Test("parts with different heads are refused, and so is a part outside the folder")
    func spoilt() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "stack")
        try trained(Stacked([LoRA(rank: 2), IA3()])).save(to: folder, for: base)
        try MethodCase(name: "", method: IA3()).trained(on: model, strength: 0.3)
            .save(to: folder.appending(path: "ia3"), for: base)
        let heads = #expect(throws: AdapterFolderError.self) { try AdapterFolder(folder).adapter(for: base) }
        #expect(heads?.description.contains("different heads") == true)
        let sidecar = try String(contentsOf: folder.appending(path: "peftkit.json"), encoding: .utf8)
        try sidecar.replacingOccurrences(of: "\"ia3\"", with: "\"../ia3\"")
            .write(to: folder.appending(path: "peftkit.json"), atomically: true, encoding: .utf8)
        #expect(throws: AdapterFolderError.self) { try AdapterFolder(folder) }
    }
}
