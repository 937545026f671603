public import PEFTFormats

/// Builds the layers of a Llama from a checkpoint; the only place that knows what Hugging Face calls them.
extension LlamaConfiguration {
    /// Embeddings, blocks and last norm. Keys may have the outer prefix `model.` or not.
    public func stack(_ weights: WeightSource) -> DecoderStack {
        let source = weights.scoped(ifPresent: "model")
        let outer = DecoderLayers(source: source, prefix: "model.", block: nil, isStoredTransposed: false)
        let rotary = RotaryPositions(inverseFrequencies: inverseFrequencies)
        return DecoderStack(
            embeddings: DecoderEmbeddings(
                word: outer.embedding(.wordEmbedding, "embed_tokens", count: vocabularySize, width: width),
                position: nil,
                dropout: 0,
                paddingToken: paddingToken
            ),
            blocks: (0..<blocks).map { block($0, source, rotary) },
            norm: .rms(outer.rmsNorm(.finalNorm, "norm", width: width, epsilon: normEpsilon))
        )
    }

    private func block(_ number: Int, _ source: WeightSource, _ rotary: RotaryPositions) -> DecoderBlock {
        let layers = DecoderLayers(
            source: source.scoped("layers.\(number)"),
            prefix: "model.layers.\(number).",
            block: number,
            isStoredTransposed: false
        )
        func sublayer(_ role: Site.Role, _ norm: Site.Role, _ name: String) -> PreNormSublayer {
            PreNormSublayer(
                site: layers.site(role),
                norm: .rms(layers.rmsNorm(norm, name, width: width, epsilon: normEpsilon)),
                dropout: 0,
                purpose: "model.layers.\(number).\(name)"
            )
        }
        return DecoderBlock(
            attention: attention(number, layers, rotary),
            attentionSublayer: sublayer(.attentionSublayer, .attentionNorm, "input_layernorm"),
            feedForward: feedForward(layers),
            feedForwardSublayer: sublayer(.feedForwardSublayer, .feedForwardNorm, "post_attention_layernorm")
        )
    }

    private func attention(_ block: Int, _ layers: DecoderLayers, _ rotary: RotaryPositions) -> SelfAttention {
        func input(_ role: Site.Role, _ name: String, heads: Int) -> Linear {
            layers.linear(
                role,
                "self_attn.\(name)",
                inputs: width,
                outputs: heads * headDimension,
                hasBias: hasInputBiases
            )
        }
        func headNorm(_ role: Site.Role, _ name: String) -> RMSNorm? {
            guard family == .qwen3 else { return nil }
            return layers.rmsNorm(role, "self_attn.\(name)", width: headDimension, epsilon: normEpsilon)
        }
        return SelfAttention(
            site: layers.site(.attentionSublayer),
            projections: .separate(
                query: input(.query, "q_proj", heads: heads),
                key: input(.key, "k_proj", heads: keyValueHeads),
                value: input(.value, "v_proj", heads: keyValueHeads)
            ),
            queryNorm: headNorm(.queryNorm, "q_norm"),
            keyNorm: headNorm(.keyNorm, "k_norm"),
            output: layers.linear(
                .attentionOutput,
                "self_attn.o_proj",
                inputs: heads * headDimension,
                outputs: width,
                hasBias: hasOutputBias
            ),
            rotary: rotary,
            heads: heads,
            keyValueHeads: keyValueHeads,
            headDimension: headDimension,
            window: windows[block],
            scale: 1 / Float(headDimension).squareRoot(),
            dropout: attentionDropout
        )
    }

    private func feedForward(_ layers: DecoderLayers) -> FeedForward {
        func linear(_ role: Site.Role, _ name: String, inputs: Int, outputs: Int) -> Linear {
            layers.linear(role, "mlp.\(name)", inputs: inputs, outputs: outputs, hasBias: hasFeedForwardBiases)
        }
        return FeedForward(
            gate: linear(.feedForwardGate, "gate_proj", inputs: width, outputs: feedForwardWidth),
            up: linear(.feedForwardUp, "up_proj", inputs: width, outputs: feedForwardWidth),
            down: linear(.feedForwardDown, "down_proj", inputs: feedForwardWidth, outputs: width),
            activation: activation
        )
    }

    /// Queries and values; for (IA)³ `peft` has queries instead of keys with Qwen.
    public var standardTargets: StandardTargets {
        let scaled = family == .llama || family == .mistral ? "k_proj" : "q_proj"
        return StandardTargets(
            lowRank: ["q_proj", "v_proj"],
            scaled: [scaled, "v_proj", "down_proj"],
            scaledInputs: ["down_proj"]
        )
    }

    /// The frequencies of rotations, which old checkpoints carry along.
    public var ignoredKeys: [String] { ["*rotary_emb.inv_freq"] }

    /// For instance `LlamaForCausalLM`.
    public var languageModelClass: String { className + "ForCausalLM" }

    /// For instance `LlamaForSequenceClassification`.
    public var classifierClass: String { className + "ForSequenceClassification" }

    private var className: String {
        switch family {
        case .llama: "Llama"
        case .mistral: "Mistral"
        case .qwen2: "Qwen2"
        case .qwen3: "Qwen3"
        }
    }
}
