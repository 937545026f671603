// A model of one's own, from nothing to adapters on it. The code is that of the guide "Bring your own model".
//
//     swift run -c release CustomModel
//
// The folder it runs in holds `minilm`, of which only the tokenizer is used, and `train.jsonl`, labelled texts.
// `tiny`, a checkpoint, adapters and `tiny-merged` are written.
import Foundation
import PEFTKit

/// One pre-norm block of the encoder.
struct TinyBlock {
    let number: Int
    let heads: Int
    var attentionNorm, feedForwardNorm: LayerNorm
    var query, key, value, output, up, down: Linear

    /// - Parameter tensor: the tensor of a path and a shape, drawn or read.
    init(_ number: Int, width: Int, heads: Int, tensor: (String, Shape) -> Tensor) {
        func site(_ role: Site.Role) -> Site { Site(.encoder, block: number, role) }
        func linear(_ name: String, _ role: Site.Role, from inputs: Int, to outputs: Int) -> Linear {
            let module = "blocks.\(number).\(name)"
            return Linear(
                site: site(role),
                module: module,
                weight: tensor("\(module).weight", [outputs, inputs]),
                bias: tensor("\(module).bias", [outputs])
            )
        }
        func norm(_ name: String, _ role: Site.Role) -> LayerNorm {
            let module = "blocks.\(number).\(name)"
            return LayerNorm(
                site: site(role),
                module: module,
                scale: tensor("\(module).weight", [width]),
                bias: tensor("\(module).bias", [width])
            )
        }
        self.number = number
        self.heads = heads
        attentionNorm = norm("attention_norm", .attentionNorm)
        query = linear("query", .query, from: width, to: width)
        key = linear("key", .key, from: width, to: width)
        value = linear("value", .value, from: width, to: width)
        output = linear("output", .attentionOutput, from: width, to: width)
        feedForwardNorm = norm("feed_forward_norm", .feedForwardNorm)
        up = linear("up", .feedForwardUp, from: width, to: 4 * width)
        down = linear("down", .feedForwardDown, from: 4 * width, to: width)
    }

    func callAsFunction(_ x: Variable, _ rows: TokenRows, _ context: ForwardContext) -> Variable {
        let normed = attentionNorm(x, rows: rows, context)
        let attended = context.selfAttention(
            query: query(normed, rows: rows, context),
            key: key(normed, rows: rows, context),
            value: value(normed, rows: rows, context),
            rows: rows,
            heads: heads,
            at: Site(.encoder, block: number, .attentionSublayer)
        )
        let middle = context.tape.add(x, output(attended, rows: rows, context))
        let inner = up(feedForwardNorm(middle, rows: rows, context), rows: rows, activation: .gelu, context)
        return context.tape.add(middle, down(inner, rows: rows, context))
    }

    var norms: [LayerNorm] { [attentionNorm, feedForwardNorm] }
    var linears: [Linear] { [query, key, value, output, up, down] }

    func replacing(_ tensors: [String: Tensor]) -> TinyBlock {
        var copy = self
        copy.attentionNorm = attentionNorm.replacing(tensors)
        copy.feedForwardNorm = feedForwardNorm.replacing(tensors)
        copy.query = query.replacing(tensors)
        copy.key = key.replacing(tensors)
        copy.value = value.replacing(tensors)
        copy.output = output.replacing(tensors)
        copy.up = up.replacing(tensors)
        copy.down = down.replacing(tensors)
        return copy
    }
}

/// A transformer encoder with the mean of a text's states before its classifier.
struct TinyEncoder: SequenceClassificationModel {
    struct Size: Sendable {
        var vocabulary: Int
        var width = 64
        var blocks = 2
        var heads = 4
        var maximumLength = 128
    }

    let size: Size
    var words: Tensor
    var positions: Tensor
    var blocks: [TinyBlock]
    var norm: LayerNorm
    var classifier: Linear
    /// The classes of its own head; none until it has one.
    var labels: [String]

    init(_ size: Size, labels: [String] = [], tensor: (String, Shape) -> Tensor) {
        let width = size.width
        self.size = size
        self.labels = labels
        words = tensor("words.weight", [size.vocabulary, width])
        positions = tensor("positions.weight", [size.maximumLength, width])
        blocks = (0..<size.blocks).map { TinyBlock($0, width: width, heads: size.heads, tensor: tensor) }
        norm = LayerNorm(
            site: Site(.encoder, .finalNorm),
            module: "norm",
            scale: tensor("norm.weight", [width]),
            bias: tensor("norm.bias", [width])
        )
        classifier = Linear(
            site: Site(.encoder, .classifier),
            module: "classifier",
            weight: labels.isEmpty ? .zeros([0, width]) : tensor("classifier.weight", [labels.count, width]),
            bias: labels.isEmpty ? .zeros([0]) : tensor("classifier.bias", [labels.count])
        )
    }

    /// A model that has learnt nothing yet.
    init(_ size: Size, seed: UInt64) {
        self.init(size) { path, shape in
            guard shape.rank > 1 else { return path.hasSuffix("norm.weight") ? .ones(shape) : .zeros(shape) }
            let random = CounterRandom(seed: seed, purpose: path)
            return random.normal(shape, standardDeviation: 1 / Float(shape[1]).squareRoot())
        }
    }

    func classify(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        let hidden = context.throughBlocks(blocks.count, of: batch) { batch, context in
            // A prefix takes the first positions.
            let rows = TokenRows(batch, firstPosition: context.adapter?.virtualPositions ?? 0)
            let table = context.variable("words.weight", frozen: words)
            let places = context.variable("positions.weight", frozen: positions)
            let states = context.tape.add(
                context.tape.rows(batch.ids, of: table),
                context.tape.rows(rows.positions, of: places)
            )
            return HiddenRows(states: states, rows: rows, pooled: batch.examples.map { _ in 0 })
        } block: { index, hidden, context in
            let states = context.recomputing { [block = blocks[index]] in block(hidden.states, hidden.rows, $0) }
            return HiddenRows(states: states, rows: hidden.rows, pooled: hidden.pooled)
        }
        let states = norm(hidden.states, rows: hidden.rows, context)
        let means = context.tape.meanOfRows(states, offsets: hidden.rows.offsets)
        return classifier(means, rows: hidden.rows.selecting(hidden.pooled).rows, context)
    }

    func head(labels count: Int, seed: UInt64) -> [Parameter] {
        if let bias = classifier.bias, bias.count == count {
            return [Parameter("classifier.weight", classifier.weight), Parameter("classifier.bias", bias)]
        }
        let random = CounterRandom(seed: seed, purpose: "classifier.weight")
        return [
            Parameter("classifier.weight", random.normal([count, size.width], standardDeviation: 0.02)),
            Parameter("classifier.bias", .zeros([count])),
        ]
    }

    func naming(labels: [String], task: PredictionTask) -> TinyEncoder {
        var copy = self
        copy.labels = labels
        return copy
    }

    func replacing(_ tensors: [String: Tensor]) -> TinyEncoder {
        var copy = self
        copy.words = tensors["words.weight"] ?? words
        copy.positions = tensors["positions.weight"] ?? positions
        copy.blocks = blocks.map { $0.replacing(tensors) }
        copy.norm = norm.replacing(tensors)
        copy.classifier = classifier.replacing(tensors)
        return copy
    }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try body("words.weight", words)
        try body("positions.weight", positions)
        for block in blocks {
            for norm in block.norms { try norm.forEachParameter(body) }
            for linear in block.linears { try linear.forEachParameter(body) }
        }
        try norm.forEachParameter(body)
        try classifier.forEachParameter(body)
    }

    var sites: [SiteDescription] {
        blocks.flatMap { $0.norms.map(\.description) + $0.linears.map(\.description) }
            + [norm.description, classifier.description]
    }

    var configuredLabels: [String] { labels }
    var headModules: [String] { ["classifier"] }
    var freshModules: [String] { [] }
    var maximumLength: Int { size.maximumLength }
    var vocabularySize: Int { size.vocabulary }
    var attentionHeads: Int { size.heads }
}

let tokenizer = try WordPieceTokenizer.open(URL(filePath: "minilm"))
let size = TinyEncoder.Size(vocabulary: tokenizer.vocabularySize)
let untrained = FrozenModel(TinyEncoder(size, seed: 0), name: "tiny")
let encoder = ExampleEncoder(tokenizer: tokenizer, maximumLength: 64)

/// Trains on a model of this kind, and says how the loss fell.
func learn(
    _ method: some AdapterMethod,
    _ texts: TextDataset,
    on base: FrozenModel<TinyEncoder>
) async throws -> AdapterBundle {
    let labels = try texts.labels()
    let examples = try await encoder.encode(texts, labels: labels)
    let fresh = try AdapterBundle(method, for: base.architecture, labels: labels.names, maximumLength: 64)
    let arguments = TrainingArguments(epochs: 20, batchSize: 8, learningRate: 3e-3)
    let run = try await Trainer(base, task: ClassificationTask(), arguments: arguments).train(fresh, on: examples)
    print(type(of: method).name, "loss", run.epochs[0].loss, "to", run.epochs[19].loss)
    return run.adapter
}

let reviews = try TextDataset(contentsOf: URL(filePath: "train.jsonl"))
let base = try await untrained.merging(learn(FullFineTuning(), reviews, on: untrained))
print("the base's own classes:", base.architecture.labels)

let lengths = TextDataset(
    reviews.map { review in
        let count = review.text.count
        return LabeledText(text: review.text, label: count > 120 ? "long" : count > 60 ? "middle" : "short")
    }
)
let methods: [any AdapterMethod] = [LoRA(rank: 4, alpha: 8, targets: .allLinear), IA3(), Prefix(virtualTokens: 4)]
for method in methods {
    let adapter = try await learn(method, lengths, on: base)
    let folder = URL(filePath: "tiny-\(type(of: method).name)")
    try adapter.save(to: folder, for: base)
    let loaded = try AdapterFolder(folder).adapter(for: base)

    let text = reviews[0].text
    let answer = try await TextClassifier(base, tokenizer: tokenizer, adapter: loaded).classify(text)
    print(type(of: method).name, "says", answer.label, answer.score)
    // A prefix acts on keys and values, which no weight can.
    guard !(method is Prefix) else { continue }
    let merged = try base.merging(loaded)
    let same = try await TextClassifier(merged, tokenizer: tokenizer, maximumLength: 64).classify(text)
    print("merged, the same answer:", same.label == answer.label && abs(same.score - answer.score) < 1e-4)
}

extension TinyEncoder: LoadableArchitecture {
    static var modelTypes: [String] { ["tiny-encoder"] }
    var ignoredKeys: [String] { [] }

    init(configuration: JSONReader, weights: WeightSource) throws {
        let size = Size(
            vocabulary: try configuration["vocabulary"].positiveInt(),
            width: try configuration["width"].positiveInt(),
            blocks: try configuration["blocks"].positiveInt(),
            heads: try configuration["heads"].positiveInt(),
            maximumLength: try configuration["maximum_length"].positiveInt()
        )
        self.init(size, labels: try configuration["labels"].strings()) { weights.tensor($0, shape: $1) }
    }

    func configuration(updating original: JSONObject) -> JSONObject {
        var entries = original
        entries["labels"] = .array(labels.map { .string($0) })
        return entries
    }
}

try FileManager.default.createDirectory(at: URL(filePath: "tiny"), withIntermediateDirectories: true)
var tensors = SafetensorsWriter()
base.architecture.forEachParameter { tensors.add($0, $1) }
try tensors.write(to: "tiny/model.safetensors")
let start: JSONObject = [
    "model_type": "tiny-encoder", "vocabulary": JSONValue(size.vocabulary), "width": JSONValue(size.width),
    "blocks": JSONValue(size.blocks), "heads": JSONValue(size.heads), "maximum_length": JSONValue(size.maximumLength),
]
let configuration = base.architecture.configuration(updating: start)
try AtomicFile.write(JSONValue.object(configuration).bytes(.pretty), to: "tiny/config.json")

let opened = try FrozenModel<TinyEncoder>.open(URL(filePath: "tiny"))
print("the same base:", opened.fingerprint == base.fingerprint)
let adapter = try AdapterFolder(URL(filePath: "tiny-lora")).adapter(for: opened)
try opened.merging(adapter).save(to: URL(filePath: "tiny-merged"))
print("merged and opened:", try FrozenModel<TinyEncoder>.open(URL(filePath: "tiny-merged")).architecture.labels)
