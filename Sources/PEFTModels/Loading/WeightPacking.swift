import PEFTTensor

/// Whether products keep copies of a base's weights, in the orders in which they read them.
///
/// They save what each product copies of a weight otherwise: a few per cent of a training step, more with short texts.
/// One copy is made when a weight is first used, another in the first backward pass; all workers and adapters share them.
/// They pay for small models; of a large one, whose weights are most of the memory there is, they would cost more than
/// they save. Without AVX-512 there are none.
public enum WeightPacking: Sendable, Equatable {
    /// No copies.
    case never
    /// Copies if all matrices of the model take up at most so many bytes together, otherwise none.
    case upTo(bytes: Int)

    /// Copies for models with up to 64 MiB of matrices, embeddings not counted.
    public static let automatic = WeightPacking.upTo(bytes: 64 << 20)

    /// Asks for copies of a model's matrices.
    func apply(to model: some AdaptableModel) {
        guard case .upTo(let limit) = self else { return }
        var (bytes, paths) = (0, Set<String>())
        for module in model.sites {
            guard case .linear(let inputs, let outputs) = module.kind else { continue }
            bytes += inputs * outputs * MemoryLayout<Float>.stride
            paths.insert("\(module.module).weight")
        }
        guard bytes <= limit else { return }
        model.forEachParameter { path, tensor in
            if paths.contains(path) { tensor.keepPacked() }
        }
    }
}
