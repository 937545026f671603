import PEFTModels
import PEFTTensor

extension LoRA {
    /// The start of one module; every parameter draws from a sequence of its own.
    ///
    /// - Parameter weight: W, where the initialisation looks at it.
    func initialModule(
        _ site: SiteDescription,
        rank: Int,
        scale: Double,
        weight: Tensor?,
        seed: UInt64
    ) throws(LoRAError) -> LoRAWeights.Module? {
        switch site.kind {
        case .linear(let inputs, let outputs):
            let (downPath, upPath) = ("\(site.module).lora_A.weight", "\(site.module).lora_B.weight")
            let start: LoRAWeights.Start
            var taken: LoRAWeights.Start?
            if let weight, initialization.takesFromWeight {
                start = try weightStart(weight, module: site.module, rank: rank, scale: scale)
                taken = start
            } else {
                start = try linearStart(inputs, outputs, rank: rank, site.module, downPath, upPath, seed: seed)
            }
            return LoRAWeights.Module(
                site: site.site,
                name: site.module,
                isEmbedding: false,
                down: Parameter(downPath, start.down),
                up: Parameter(upPath, start.up),
                scale: Float(scale),
                start: taken
            )
        case .embedding(let count, let width):
            let (downPath, upPath) = ("\(site.module).lora_embedding_A", "\(site.module).lora_embedding_B")
            let start = embeddingStart(count: count, width: width, rank: rank, downPath, upPath, seed: seed)
            return LoRAWeights.Module(
                site: site.site,
                name: site.module,
                isEmbedding: true,
                down: Parameter(downPath, start.down),
                up: Parameter(upPath, start.up),
                scale: Float(scale)
            )
        case .norm:
            return nil
        }
    }

    private func linearStart(
        _ inputs: Int,
        _ outputs: Int,
        rank: Int,
        _ module: String,
        _ downPath: String,
        _ upPath: String,
        seed: UInt64
    ) throws(LoRAError) -> LoRAWeights.Start {
        let random = CounterRandom(seed: seed, purpose: downPath)
        let up = CounterRandom(seed: seed, purpose: upPath)
        let uniform = { random.uniform([rank, inputs], bound: 1 / Float(inputs).squareRoot()) }
        let zero = { Tensor.zeros([outputs, rank]) }
        switch initialization {
        case .standard, .eva:
            return LoRAWeights.Start(down: uniform(), up: zero())
        case .gaussian:
            return LoRAWeights.Start(
                down: random.normal([rank, inputs], standardDeviation: 1 / Float(rank)),
                up: zero()
            )
        case .random:
            return LoRAWeights.Start(
                down: uniform(),
                up: up.uniform([outputs, rank], bound: 1 / Float(rank).squareRoot())
            )
        case .orthogonal:
            let basis = CounterRandom(seed: seed, purpose: "\(module).lora_basis")
            return try orthogonalStart(inputs, outputs, rank: rank, module, down: random, up: up, basis: basis)
        case .pissa, .olora:
            preconditionFailure("\(initialization.name) starts from the weight of \(module)")
        }
    }

    /// With X Y = 0 for the even and the odd rows Y, X of a random orthogonal matrix: A = Xᵀ G / 10, B = H Y / 10 with G
    /// and H standard normal, so that B A = 0.
    private func orthogonalStart(
        _ inputs: Int,
        _ outputs: Int,
        rank: Int,
        _ module: String,
        down: CounterRandom,
        up: CounterRandom,
        basis: CounterRandom
    ) throws(LoRAError) -> LoRAWeights.Start {
        let orthogonal: [Float]
        do {
            let square = basis.normal([rank, rank], standardDeviation: 1)
            orthogonal = try QRDecomposition(of: square).orthogonal.elements
        } catch {
            throw .notFactorized(initialization: initialization.name, module: module, reason: error.description)
        }
        let half = rank / 2
        func everyOtherRow(from first: Int) -> Tensor {
            Tensor(
                [half, rank],
                stride(from: first, to: rank, by: 2).flatMap { orthogonal[($0 * rank)..<(($0 + 1) * rank)] }
            )
        }
        return LoRAWeights.Start(
            down: product(
                everyOtherRow(from: 0),
                down.normal([half, inputs], standardDeviation: 1),
                transposedA: true,
                scale: 0.1
            ),
            up: product(up.normal([outputs, half], standardDeviation: 1), everyOtherRow(from: 1), scale: 0.1)
        )
    }

    /// The reverse of a linear map's: A is zero and B standard normal, unless both are random.
    private func embeddingStart(
        count: Int,
        width: Int,
        rank: Int,
        _ downPath: String,
        _ upPath: String,
        seed: UInt64
    ) -> LoRAWeights.Start {
        let up = CounterRandom(seed: seed, purpose: upPath).normal([width, rank], standardDeviation: 1)
        guard initialization == .random else { return LoRAWeights.Start(down: .zeros([rank, count]), up: up) }
        let random = CounterRandom(seed: seed, purpose: downPath)
        return LoRAWeights.Start(down: random.normal([rank, count], standardDeviation: 1), up: up)
    }
}
