import PEFTAutograd
import PEFTModels
import PEFTTensor
import PEFTTraining

/// All rows of the last block.
struct HiddenStates {
    let rows: [[Double]]

    init(
        _ model: BERT,
        _ adapter: (any AdapterWeights)?,
        _ examples: [ClassificationExample],
        noise: TrainingNoise? = nil
    ) {
        let tape = Tape(pool: BufferPool(), isRecording: false)
        let context = ForwardContext(tape: tape, adapter: adapter, noise: noise)
        let batch = TokenBatch(examples.map(\.ids), typeIDs: examples.map(\.typeIDs))
        let states = model.hiddenStates(batch, context)
        let (values, width) = (states.value.elements.map(Double.init), states.shape[1])
        rows = (0..<states.shape[0]).map { Array(values[($0 * width)..<(($0 + 1) * width)]) }
    }
}

/// An adapter with a pooler and a classifier that tell what the pooler reads: logits = tanh(h / 5).
struct TellingHead: AdapterWeights {
    var adapter: TestAdapter
    private let head: [String: Parameter]

    init(_ adapter: TestAdapter, on model: BERT) {
        let width = model.configuration.width
        func diagonal(_ value: Float) -> Tensor {
            Tensor([width, width], (0..<width * width).map { $0 % (width + 1) == 0 ? value : 0 })
        }
        let tensors = [
            Parameter("bert.pooler.dense.weight", diagonal(0.2)), Parameter("bert.pooler.dense.bias", .zeros([width])),
            Parameter("classifier.weight", diagonal(1)), Parameter("classifier.bias", .zeros([width])),
        ]
        head = Dictionary(uniqueKeysWithValues: tensors.map { ($0.path, $0) })
        self.adapter = adapter
    }

    mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        try adapter.visitParameters(visit)
    }

    func parameter(_ path: String) -> Parameter? { head[path] ?? adapter.parameter(path) }
    func linear(at site: Site) -> LinearSlots? { site.block == nil ? nil : adapter.linear(at: site) }
    func embedding(at site: Site) -> (any EmbeddingDelta)? { adapter.embedding(at: site) }
    func virtualTokens(_ context: ForwardContext) -> VirtualTokens? { adapter.virtualTokens(context) }
    func virtualKeysAndValues(at site: Site, _ context: ForwardContext) -> VirtualKeysAndValues? {
        adapter.virtualKeysAndValues(at: site, context)
    }
    func sublayerOutput(at site: Site) -> (any SublayerAdaptation)? { adapter.sublayerOutput(at: site) }
    var virtualPositions: Int { adapter.virtualPositions }
}
