import PEFTTensor

/// Whether products keep a second copy of a base's weights, in the order in which they read them.
///
/// It saves the copy that each product makes of a weight otherwise: a few per cent of a training step, and more of
/// inference over short texts. It is made when a weight is first used, and shared by all workers and adapters. It pays
/// for small models; of a large one, whose weights are most of the memory there is, a second copy would cost more than
/// it saves. Without AVX-512 there is no copy.
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
            if paths.contains(path) { tensor.keepPackedTranspose() }
        }
    }
}
