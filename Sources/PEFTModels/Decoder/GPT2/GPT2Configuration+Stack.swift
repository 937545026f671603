public import PEFTFormats

/// Builds the layers of a GPT-2 from a checkpoint; the only place that knows what Hugging Face calls them.
extension GPT2Configuration {
    /// Embeddings, blocks and last norm. Keys may have the outer prefix `transformer.` or not.
    public func stack(_ weights: WeightSource) -> DecoderStack {
        let source = weights.scoped(ifPresent: "transformer")
        let outer = DecoderLayers(source: source, prefix: "transformer.", block: nil, isStoredTransposed: true)
        return DecoderStack(
            embeddings: DecoderEmbeddings(
                word: outer.embedding(.wordEmbedding, "wte", count: vocabularySize, width: width),
                position: outer.embedding(.positionEmbedding, "wpe", count: maximumPositions, width: width),
                dropout: embeddingDropout,
                paddingToken: paddingToken
            ),
            blocks: (0..<blocks).map { block($0, source) },
            norm: .layer(outer.layerNorm(.finalNorm, "ln_f", width: width, epsilon: normEpsilon))
        )
    }

    private func block(_ number: Int, _ source: WeightSource) -> DecoderBlock {
        let layers = DecoderLayers(
            source: source.scoped("h.\(number)"),
            prefix: "transformer.h.\(number).",
            block: number,
            isStoredTransposed: true
        )
        func sublayer(_ role: Site.Role, _ norm: Site.Role, _ name: String, before map: String) -> PreNormSublayer {
            PreNormSublayer(
                site: layers.site(role),
                norm: .layer(layers.layerNorm(norm, name, width: width, epsilon: normEpsilon)),
                dropout: residualDropout,
                purpose: "transformer.h.\(number).\(map)"
            )
        }
        return DecoderBlock(
            attention: attention(number, layers),
            attentionSublayer: sublayer(.attentionSublayer, .attentionNorm, "ln_1", before: "attn.c_proj"),
            feedForward: FeedForward(
                gate: nil,
                up: linear(.feedForwardUp, "mlp.c_fc", layers, inputs: width, outputs: feedForwardWidth),
                down: linear(.feedForwardDown, "mlp.c_proj", layers, inputs: feedForwardWidth, outputs: width),
                activation: activation
            ),
            feedForwardSublayer: sublayer(.feedForwardSublayer, .feedForwardNorm, "ln_2", before: "mlp.c_proj")
        )
    }

    private func attention(_ block: Int, _ layers: DecoderLayers) -> SelfAttention {
        var scale: Float = scalesScores ? 1 / Float(width / heads).squareRoot() : 1
        if scalesScoresByBlock { scale /= Float(block + 1) }
        return SelfAttention(
            site: layers.site(.attentionSublayer),
            projections: .fused(
                linear(.fusedQueryKeyValue, "attn.c_attn", layers, inputs: width, outputs: 3 * width)
            ),
            queryNorm: nil,
            keyNorm: nil,
            output: linear(.attentionOutput, "attn.c_proj", layers, inputs: width, outputs: width),
            rotary: nil,
            heads: heads,
            keyValueHeads: heads,
            headDimension: width / heads,
            window: nil,
            scale: scale,
            dropout: attentionDropout
        )
    }

    private func linear(
        _ role: Site.Role,
        _ name: String,
        _ layers: DecoderLayers,
        inputs: Int,
        outputs: Int
    ) -> Linear {
        layers.linear(role, name, inputs: inputs, outputs: outputs, hasBias: true)
    }

    /// The map of queries, keys and values; for (IA)³ also what enters the feed-forward's last map.
    public var standardTargets: StandardTargets {
        StandardTargets(lowRank: ["c_attn"], scaled: ["c_attn", "mlp.c_proj"], scaledInputs: ["mlp.c_proj"])
    }

    /// Causal masks, which checkpoints carry along.
    public var ignoredKeys: [String] { ["*.attn.bias", "*.attn.masked_bias"] }

    /// `GPT2LMHeadModel`.
    public var languageModelClass: String { "GPT2LMHeadModel" }

    /// `GPT2ForSequenceClassification`.
    public var classifierClass: String { "GPT2ForSequenceClassification" }
}
