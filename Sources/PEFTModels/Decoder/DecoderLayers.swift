import PEFTFormats
import PEFTTensor

/// Builds the layers of a decoder from a checkpoint, in the scope of one block or outside them.
struct DecoderLayers {
    let source: WeightSource
    /// What a module's name starts with, as in `model.layers.0.`.
    let prefix: String
    let block: Int?
    /// Whether the checkpoint holds linear maps as `[inputs, outputs]`.
    let isStoredTransposed: Bool

    func linear(_ role: Site.Role, _ name: String, inputs: Int, outputs: Int, hasBias: Bool) -> Linear {
        let part = source.scoped(name)
        let weight =
            isStoredTransposed && !part.isQuantized("weight")
            ? part.tensor("weight", shape: [inputs, outputs]).transposed()
            : part.tensor("weight", shape: [outputs, inputs])
        return Linear(
            site: Site(.decoder, block: block, role),
            module: prefix + name,
            weight: weight,
            bias: hasBias ? part.tensor("bias", shape: [outputs]) : nil,
            weightPath: nil,
            isStoredTransposed: isStoredTransposed
        )
    }

    func embedding(_ role: Site.Role, _ name: String, count: Int, width: Int) -> Embedding {
        Embedding(
            site: Site(.decoder, role),
            module: prefix + name,
            table: source.scoped(name).tensor("weight", shape: [count, width])
        )
    }

    func rmsNorm(_ role: Site.Role, _ name: String, width: Int, epsilon: Float) -> RMSNorm {
        RMSNorm(
            site: Site(.decoder, block: block, role),
            module: prefix + name,
            scale: source.scoped(name).tensor("weight", shape: [width]),
            epsilon: epsilon
        )
    }

    func layerNorm(_ role: Site.Role, _ name: String, width: Int, epsilon: Float) -> LayerNorm {
        let part = source.scoped(name)
        return LayerNorm(
            site: Site(.decoder, block: block, role),
            module: prefix + name,
            scale: part.tensor("weight", shape: [width]),
            bias: part.tensor("bias", shape: [width]),
            epsilon: epsilon
        )
    }

    /// A site of the block.
    func site(_ role: Site.Role) -> Site { Site(.decoder, block: block, role) }
}
