import PEFTAutograd
import PEFTModels
import PEFTTensor

/// The base's tensors that an adapter changes, with the adapter merged in.
///
/// Every slot of a linear map y = out ⊙ (W′ (in ⊙ x) + b′) has its weight: W = diag(out) W′ diag(in), b = out ⊙ b′, with
/// W′ the base's W or the trained one and everything that is added to it. What acts on tokens, keys, values or between
/// sub-layers has none.
struct MergedTensors {
    private(set) var tensors: [String: Tensor] = [:]
    private let adapter: AdapterBundle
    private let base: [String: Tensor]
    private let tied: [String: String]

    init(_ adapter: AdapterBundle, on model: some AdaptableModel) throws {
        self.adapter = adapter
        var base: [String: Tensor] = [:]
        model.forEachParameter { base[$0] = $1 }
        self.base = base
        tied = model.tiedTensors
        try requireWeightsOnly(model)
        for path in base.keys { tensors[path] = adapter.parameter(path)?.value }
        for site in model.sites {
            switch site.kind {
            case .linear: try mergeLinear(site)
            case .embedding: try mergeEmbedding(site)
            case .norm: break
            }
        }
        for (path, tensor) in tensors.sorted(by: { $0.key < $1.key }) where !tensor.isFinite {
            throw MergeError.notFinite(path)
        }
    }

    private var methodName: String { type(of: adapter.method).name }

    private func requireWeightsOnly(_ model: some AdaptableModel) throws {
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: false), adapter: adapter)
        func refuse(_ reason: String) -> MergeError { .notMergeable(method: methodName, reason: reason) }
        if adapter.routes != nil { throw refuse("it is several adapters, each for its own rows") }
        if adapter.virtualTokens(context) != nil { throw refuse("it puts virtual tokens in front of every text") }
        for block in Set(model.sites.compactMap(\.site.block)) {
            for site in SlotClaims.sublayers(of: model) where site.block == block {
                if adapter.virtualKeysAndValues(at: site, context) != nil {
                    throw refuse("it puts virtual keys and values in front of every text's own")
                }
                if adapter.sublayerOutput(at: site) != nil {
                    throw refuse("it computes something non-linear between the base's layers")
                }
            }
        }
    }

    private mutating func mergeLinear(_ description: SiteDescription) throws {
        guard let slots = adapter.linear(at: description.site) else { return }
        let (weightPath, biasPath) = ("\(description.module).weight", "\(description.module).bias")
        if let other = tied[weightPath] { throw MergeError.tied(changed: weightPath, other: other) }
        guard var weight = (tensors[weightPath] ?? base[weightPath])?.expanded() else { return }
        switch slots.product {
        case .additive(let deltas):
            for delta in deltas { weight = try merged(delta.merged(into: weight), description.module) }
        case .exclusive(let product):
            weight = try merged(product.merged(into: weight), description.module)
        }
        for scale in slots.inputScales { weight = weight.scalingColumns(by: scale.value) }
        for scale in slots.outputScales {
            weight = weight.scalingRows(by: scale.value)
            if let bias = tensors[biasPath] ?? base[biasPath] { tensors[biasPath] = bias.scalingRows(by: scale.value) }
        }
        tensors[weightPath] = weight
    }

    private mutating func mergeEmbedding(_ description: SiteDescription) throws {
        guard let delta = adapter.embedding(at: description.site) else { return }
        let path = "\(description.module).weight"
        if let other = tied.first(where: { $0.value == path })?.key {
            throw MergeError.tied(changed: path, other: other)
        }
        guard let table = (tensors[path] ?? base[path])?.expanded() else { return }
        tensors[path] = try merged(delta.merged(into: table), description.module)
    }

    private func merged(_ tensor: Tensor?, _ module: String) throws -> Tensor {
        guard let tensor else {
            throw MergeError.notMergeable(method: methodName, reason: "what it adds in \(module) is no weight")
        }
        return tensor
    }
}

extension Tensor {
    var isFinite: Bool { withUnsafeFloats { $0.allSatisfy(\.isFinite) } }

    /// Row i times `scale[i]`; a vector counts as rows of one element.
    fileprivate func scalingRows(by scale: Tensor) -> Tensor {
        let width = count / max(1, shape[0])
        let factors = scale.elements
        return Tensor(shape, elements.enumerated().map { $1 * factors[$0 / max(1, width)] })
    }

    /// Column i times `scale[i]`.
    fileprivate func scalingColumns(by scale: Tensor) -> Tensor {
        let factors = scale.elements
        return Tensor(shape, elements.enumerated().map { $1 * factors[$0 % factors.count] })
    }
}
