public import PEFTFormats
import PEFTTensor

extension BERT: LoadableArchitecture {
    /// `bert`.
    public static let modelTypes = ["bert"]

    /// Pre-training heads, and position numbers that old checkpoints carry along.
    public var ignoredKeys: [String] { ["cls.*", "*embeddings.position_ids"] }

    /// BERT with the weights of a checkpoint.
    ///
    /// Keys may have the outer prefix `bert.` or not, and norms may be called `gamma` and `beta`. A classifier that the
    /// checkpoint lacks stays empty until an adapter brings one; a missing pooler starts fresh, and is then trained and
    /// saved with every adapter.
    public init(configuration json: JSONReader, weights: WeightSource) throws {
        let configuration = try BERTConfiguration(json)
        let builder = BERTBuilder(configuration: configuration)
        let source = weights.scoped(ifPresent: "bert")
        let (width, labels) = (configuration.width, configuration.labels.count)
        var fresh: [String] = []
        embeddings = builder.embeddings(source.scoped("embeddings"))
        blocks = (0..<configuration.blocks).map { builder.block($0, source.scoped("encoder.layer.\($0)")) }
        if let part = source.part("pooler.dense", newlyInitialised: ["weight", "bias"]) {
            pooler = builder.linear(.pooler, builder.poolerName, part, outputs: width, inputs: width)
        } else {
            pooler = builder.freshLinear(.pooler, builder.poolerName, outputs: width)
            fresh.append(builder.poolerName)
        }
        if let part = weights.part("classifier", newlyInitialised: ["weight", "bias"]) {
            classifier = builder.linear(.classifier, builder.classifierName, part, outputs: labels, inputs: width)
        } else {
            classifier = builder.freshLinear(.classifier, builder.classifierName, outputs: 0)
            fresh.append(builder.classifierName)
        }
        freshModules = fresh
        self.configuration = configuration
    }
}

/// Builds BERT's layers from a checkpoint; the only place that knows what Hugging Face calls them.
private struct BERTBuilder {
    let configuration: BERTConfiguration
    let poolerName = "bert.pooler.dense"
    let classifierName = "classifier"

    private var width: Int { configuration.width }

    func embeddings(_ source: WeightSource) -> BERTEmbeddings {
        BERTEmbeddings(
            word: embedding(.wordEmbedding, "word_embeddings", source, count: configuration.vocabularySize),
            position: embedding(
                .positionEmbedding,
                "position_embeddings",
                source,
                count: configuration.maximumPositions
            ),
            type: embedding(.typeEmbedding, "token_type_embeddings", source, count: configuration.segments),
            norm: norm(nil, .embeddingNorm, "bert.embeddings.LayerNorm", source.scoped("LayerNorm")),
            dropout: configuration.hiddenDropout
        )
    }

    func block(_ number: Int, _ source: WeightSource) -> BERTBlock {
        func linear(_ role: Site.Role, _ name: String, outputs: Int, inputs: Int) -> Linear {
            self.linear(
                role,
                block: number,
                "bert.encoder.layer.\(number).\(name)",
                source.scoped(name),
                outputs: outputs,
                inputs: inputs
            )
        }
        func sublayer(_ role: Site.Role, _ normRole: Site.Role, _ name: String) -> Sublayer {
            Sublayer(
                site: Site(.encoder, block: number, role),
                norm: norm(number, normRole, "bert.encoder.layer.\(number).\(name)", source.scoped(name)),
                dropout: configuration.hiddenDropout
            )
        }
        let wide = configuration.feedForwardWidth
        return BERTBlock(
            query: linear(.query, "attention.self.query", outputs: width, inputs: width),
            key: linear(.key, "attention.self.key", outputs: width, inputs: width),
            value: linear(.value, "attention.self.value", outputs: width, inputs: width),
            attentionOutput: linear(.attentionOutput, "attention.output.dense", outputs: width, inputs: width),
            attentionSublayer: sublayer(.attentionSublayer, .attentionNorm, "attention.output.LayerNorm"),
            feedForwardUp: linear(.feedForwardUp, "intermediate.dense", outputs: wide, inputs: width),
            feedForwardDown: linear(.feedForwardDown, "output.dense", outputs: width, inputs: wide),
            feedForwardSublayer: sublayer(.feedForwardSublayer, .feedForwardNorm, "output.LayerNorm"),
            activation: configuration.activation,
            heads: configuration.heads,
            attentionDropout: configuration.attentionDropout
        )
    }

    func linear(
        _ role: Site.Role,
        block: Int? = nil,
        _ module: String,
        _ source: WeightSource,
        outputs: Int,
        inputs: Int
    ) -> Linear {
        Linear(
            site: Site(.encoder, block: block, role),
            module: module,
            weight: source.tensor("weight", shape: [outputs, inputs]),
            bias: source.tensor("bias", shape: [outputs])
        )
    }

    /// Normal weights, the same for every load of the checkpoint, and zero biases.
    func freshLinear(_ role: Site.Role, _ module: String, outputs: Int) -> Linear {
        Linear(
            site: Site(.encoder, role),
            module: module,
            weight: CounterRandom(seed: 0, purpose: "\(module).weight")
                .normal([outputs, width], standardDeviation: configuration.initializerRange),
            bias: .zeros([outputs])
        )
    }

    private func embedding(_ role: Site.Role, _ name: String, _ source: WeightSource, count: Int) -> Embedding {
        Embedding(
            site: Site(.encoder, role),
            module: "bert.embeddings.\(name)",
            table: source.scoped(name).tensor("weight", shape: [count, width])
        )
    }

    private func norm(_ block: Int?, _ role: Site.Role, _ module: String, _ source: WeightSource) -> LayerNorm {
        LayerNorm(
            site: Site(.encoder, block: block, role),
            module: module,
            scale: source.tensor("weight", or: "gamma", shape: [width]),
            bias: source.tensor("bias", or: "beta", shape: [width]),
            epsilon: configuration.normEpsilon
        )
    }
}
