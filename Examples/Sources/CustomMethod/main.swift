// A method of one's own: LoRA whose A is not trained. The code is that of the guide "Write your own method".
//
//     swift run -c release CustomMethod
//
// The folder it runs in holds `minilm`, a BERT checkpoint, and `train.jsonl`, labelled texts; `lora-fa` is written.
import Foundation
import PEFTKit

/// LoRA with a frozen A.
struct LoRAFA: AdapterMethod {
    static let name = "lora-fa"

    var rank: Int
    var alpha: Double
    var selection: ModuleSelection

    init(rank: Int = 8, alpha: Double = 16, targets: ModuleSelection.Targets = .standard) {
        self.rank = rank
        self.alpha = alpha
        selection = ModuleSelection(targets)
    }

    /// The LoRA of the same shapes, which knows what a rank and an alpha may be.
    var lora: LoRA {
        var lora = LoRA(rank: rank, alpha: alpha)
        lora.selection = selection
        return lora
    }

    func validate() throws { try lora.validate() }

    func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> LoRAFAWeights {
        try validate()
        let modules = try selection.resolve(in: model).compactMap { target -> LoRAFAWeights.Module? in
            guard case .linear(let inputs, let outputs) = target.kind else { return nil }
            let down = "\(target.module).lora_A.weight"
            // What is drawn depends on the seed and the path, and on nothing else.
            let random = CounterRandom(seed: seed, purpose: down)
            return LoRAFAWeights.Module(
                site: target.site,
                down: Parameter(down, random.uniform([rank, inputs], bound: 1 / Float(inputs).squareRoot())),
                up: Parameter("\(target.module).lora_B.weight", .zeros([outputs, rank]))
            )
        }
        return LoRAFAWeights(modules: modules, scale: Float(alpha) / Float(rank))
    }
}

/// A and B of every adapted module.
struct LoRAFAWeights: AdapterWeights {
    struct Module {
        let site: Site
        let down: Parameter
        var up: Parameter
    }

    var modules: [Module]
    let scale: Float

    mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in modules.indices { try visit(&modules[index].up) }
    }

    func linear(at site: Site) -> LinearSlots? {
        guard let module = modules.first(where: { $0.site == site }) else { return nil }
        let delta = LoRAFADelta(down: module.down.value, up: module.up, scale: scale)
        return LinearSlots(product: .additive([delta]))
    }
}

/// s · B A x.
struct LoRAFADelta: LinearDelta {
    let down: Tensor
    let up: Parameter
    let scale: Float

    func delta(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        let hidden = context.tape.product(x, transposed: Variable(down))
        return context.tape.product(hidden, transposed: context.variable(up), scale: scale)
    }

    func merged(into weight: Tensor) -> Tensor? {
        // A product takes its second factor transposed, and A is not.
        let (rank, inputs, values) = (down.shape[0], down.shape[1], down.elements)
        let columns = (0..<inputs).flatMap { column in (0..<rank).map { values[$0 * inputs + column] } }
        let tape = ForwardContext().tape
        let transposed = Variable(Tensor([inputs, rank], columns))
        let update = tape.product(Variable(up.value), transposed: transposed, scale: scale)
        return tape.add(Variable(weight), update).value
    }
}

extension LoRAFA: PEFTFolderMethod {
    static let peftTypes = LoRA.peftTypes
    static let peftKeys = LoRA.peftKeys

    /// A folder whose `peftkit.json` does not name this method is an ordinary LoRA.
    static func reads(peftConfiguration json: JSONReader) throws -> Bool { false }

    init(peftConfiguration json: JSONReader, settings: JSONReader?) throws {
        let lora = try LoRA(peftConfiguration: json, settings: settings)
        self.init(rank: lora.rank, alpha: lora.alpha)
        selection = lora.selection
    }

    func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject {
        try lora.peftConfiguration(for: model)
    }

    func peftTensors(
        of weights: LoRAFAWeights,
        modules: [Parameter],
        for model: some AdaptableModel
    ) throws -> [Parameter] {
        weights.modules.flatMap { [$0.down, $0.up] }.map { Parameter("base_model.model." + $0.path, $0.value) }
    }

    func weights(
        in file: WeightSource,
        sidecar: WeightSource?,
        for model: some AdaptableModel
    ) throws -> LoRAFAWeights {
        var weights = try makeWeights(for: model, seed: 0)
        weights.modules = weights.modules.map { module in
            // A tensor that is missing or does not fit is recorded; one error lists all of them later.
            func read(_ parameter: Parameter) -> Parameter {
                let key = "base_model.model." + parameter.path
                return Parameter(parameter.path, file.tensor(key, shape: parameter.value.shape))
            }
            return LoRAFAWeights.Module(site: module.site, down: read(module.down), up: read(module.up))
        }
        return weights
    }
}

let base = try FrozenModel<BERT>.open(URL(filePath: "minilm"))
let tokenizer = try WordPieceTokenizer.open(URL(filePath: "minilm"))
let reviews = try TextDataset(contentsOf: URL(filePath: "train.jsonl"))
let labels = try reviews.labels()
let examples = try await ExampleEncoder(tokenizer: tokenizer, maximumLength: 64).encode(reviews, labels: labels)

let method = LoRAFA(rank: 8, alpha: 16, targets: .allLinear)
let fresh = try AdapterBundle(method, for: base.architecture, labels: labels.names, maximumLength: 64)
let trainer = Trainer(
    base,
    task: ClassificationTask(),
    arguments: TrainingArguments(epochs: 8, batchSize: 8, learningRate: 2e-3)
)
let run = try await trainer.train(fresh, on: examples)
print("loss", run.epochs[0].loss, "to", run.epochs[7].loss)

/// Whether two classifiers agree on some texts, but for rounding.
func agree(_ left: [Classification], _ right: [Classification]) -> Bool {
    zip(left, right).allSatisfy { abs($0.scores[0] - $1.scores[0]) < 1e-4 }
}

// Merged, the base answers as it did with the adapter.
let texts = Array(reviews.prefix(8).map(\.text))
let merged = try base.merging(run.adapter)
let adapted = try await TextClassifier(base, tokenizer: tokenizer, adapter: run.adapter).classify(texts)
let answers = try await TextClassifier(merged, tokenizer: tokenizer, maximumLength: 64).classify(texts)
print("merged", agree(adapted, answers) ? "answers the same" : "answers otherwise")

let folder = URL(filePath: "lora-fa")
try run.adapter.save(to: folder, for: base)
let registry = AdapterRegistry.standard.adding(LoRAFA.self)
for known in [registry, .standard] {
    let loaded = try AdapterFolder(folder, registry: known).adapter(for: base)
    let again = try await TextClassifier(base, tokenizer: tokenizer, adapter: loaded).classify(texts)
    print(type(of: loaded.method).name, agree(adapted, again) ? "answers the same" : "answers otherwise")
}
