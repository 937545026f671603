import PEFTModels
import PEFTTensor

/// A sub-layer whose output is adapted.
struct AdaptedSublayer {
    let site: Site
    /// The module around the sub-layer's last linear map, for instance `bert.encoder.layer.0.output`.
    let module: String
    let width: Int
    let bottleneck: Int
}

extension Adapter {
    /// The adapted sub-layers of a model, in the order of the forward pass.
    ///
    /// A sub-layer is known by its last linear map, since it is no module itself.
    func adaptedSublayers(of model: some AdaptableModel) throws -> [AdaptedSublayer] {
        try ModuleSelection.require(savedModules, in: model)
        let known = Set(model.sites.compactMap(\.site.block)).sorted()
        let named = leftOut + reductionFactor.blocks.keys.sorted()
        if let unknown = named.first(where: { !known.contains($0) }) {
            throw BottleneckError.noSuchBlock(unknown, known: known)
        }
        let adapted = try model.sites.compactMap { description -> AdaptedSublayer? in
            guard let role = sublayer(endingIn: description.site.role), let block = description.site.block,
                !leftOut.contains(block), case .linear(_, let width) = description.kind
            else { return nil }
            return AdaptedSublayer(
                site: Site(description.site.stack, block: block, role),
                module: description.module.split(separator: ".").dropLast().joined(separator: "."),
                width: width,
                bottleneck: try reductionFactor.bottleneck(ofWidth: width, block: block)
            )
        }
        guard !adapted.isEmpty else { throw BottleneckError.nothingLeft }
        return adapted
    }

    private func sublayer(endingIn role: Site.Role) -> Site.Role? {
        switch role {
        case .attentionOutput where places.contains(.attention): .attentionSublayer
        case .feedForwardDown where places.contains(.feedForward): .feedForwardSublayer
        default: nil
        }
    }

    /// The start of one bottleneck; every parameter draws from a sequence of its own.
    ///
    /// - Parameter seed: nil for zeros, where a file brings the values.
    func initialModule(_ sublayer: AdaptedSublayer, seed: UInt64?) -> BottleneckWeights.Module {
        let path = "\(sublayer.module).adapters"
        let (width, bottleneck) = (sublayer.width, sublayer.bottleneck)
        let (down, up) = ("\(path).adapter_down.0", "\(path).adapter_up")
        func start(_ path: String, _ shape: Shape, isZero: Bool = false) -> Parameter {
            guard let seed, !isZero else { return Parameter(path, .zeros(shape)) }
            return Parameter(path, draw(shape, CounterRandom(seed: seed, purpose: path)))
        }
        let trainedScale: Tensor? =
            switch scale {
            case .constant: nil
            case .learned: .ones([1])
            case .learnedByFeature: .ones([width])
            }
        return BottleneckWeights.Module(
            site: sublayer.site,
            path: path,
            down: start("\(down).weight", [bottleneck, width]),
            downBias: Parameter("\(down).bias", .zeros([bottleneck])),
            up: start("\(up).weight", [width, bottleneck], isZero: initialization == .zeroUp),
            upBias: Parameter("\(up).bias", .zeros([width])),
            scale: trainedScale.map { Parameter("\(path).scaling", $0) },
            norm: hasOwnNorm
                ? BottleneckWeights.Norm(
                    scale: Parameter("\(path).adapter_norm_after.weight", .ones([width])),
                    bias: Parameter("\(path).adapter_norm_after.bias", .zeros([width]))
                ) : nil
        )
    }

    private func draw(_ shape: Shape, _ random: CounterRandom) -> Tensor {
        switch initialization {
        case .bert: return random.normal(shape, standardDeviation: 0.02)
        case .zeroUp: return random.uniform(shape, bound: 1 / Float(shape[1]).squareRoot())
        case .truncatedNormal: return random.truncatedNormal(shape, standardDeviation: 0.01)
        }
    }
}

extension CounterRandom {
    /// Independent normal numbers with mean 0 that lie within two standard deviations; others are drawn again.
    fileprivate func truncatedNormal(_ shape: Shape, standardDeviation: Float) -> Tensor {
        let count = shape.count
        return Tensor(
            shape,
            (0..<count).map { index in
                let draws = sequence(first: index) { $0 + count }.lazy.map { self.normal($0) }
                return Float(draws.first { abs($0) <= 2 } ?? 0) * standardDeviation
            }
        )
    }
}
