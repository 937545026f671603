import PEFTModels
import PEFTTensor

extension LoRA {
    /// The start of one module; every parameter draws from a sequence of its own.
    func initialModule(_ site: SiteDescription, rank: Int, scale: Double, seed: UInt64) -> LoRAWeights.Module? {
        switch site.kind {
        case .linear(let inputs, let outputs):
            let (downPath, upPath) = ("\(site.module).lora_A.weight", "\(site.module).lora_B.weight")
            let start = linearStart(inputs: inputs, outputs: outputs, rank: rank, downPath, upPath, seed: seed)
            return LoRAWeights.Module(
                site: site.site,
                name: site.module,
                isEmbedding: false,
                down: Parameter(downPath, start.down),
                up: Parameter(upPath, start.up),
                scale: Float(scale)
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
        inputs: Int,
        outputs: Int,
        rank: Int,
        _ downPath: String,
        _ upPath: String,
        seed: UInt64
    ) -> (down: Tensor, up: Tensor) {
        let random = CounterRandom(seed: seed, purpose: downPath)
        let zero = Tensor.zeros([outputs, rank])
        switch initialization {
        case .standard:
            return (random.uniform([rank, inputs], bound: 1 / Float(inputs).squareRoot()), zero)
        case .gaussian:
            return (random.normal([rank, inputs], standardDeviation: 1 / Float(rank)), zero)
        case .random:
            let up = CounterRandom(seed: seed, purpose: upPath)
            return (
                random.uniform([rank, inputs], bound: 1 / Float(inputs).squareRoot()),
                up.uniform([outputs, rank], bound: 1 / Float(rank).squareRoot())
            )
        }
    }

    /// The reverse of a linear map's: A is zero and B standard normal, unless both are random.
    private func embeddingStart(
        count: Int,
        width: Int,
        rank: Int,
        _ downPath: String,
        _ upPath: String,
        seed: UInt64
    ) -> (down: Tensor, up: Tensor) {
        let up = CounterRandom(seed: seed, purpose: upPath).normal([width, rank], standardDeviation: 1)
        guard initialization == .random else { return (.zeros([rank, count]), up) }
        let random = CounterRandom(seed: seed, purpose: downPath)
        return (random.normal([rank, count], standardDeviation: 1), up)
    }
}
