public import PEFTAutograd
public import PEFTFormats

/// GPT-2: learned positions, layer norms, one map for queries, keys and values (Radford et al. 2019).
///
/// Its checkpoints hold linear maps as `[inputs, outputs]`; they are turned at loading, and turned back in checkpoints that
/// are written.
public typealias GPT2 = CausalDecoder<GPT2Configuration>

/// The part of a GPT-2 checkpoint's `config.json` that decides its shape and behaviour.
public struct GPT2Configuration: DecoderConfiguration, Equatable {
    /// `gpt2`.
    public static let modelTypes = ["gpt2"]

    /// The number of tokens of the vocabulary.
    public let vocabularySize: Int
    /// The width of the residual stream.
    public let width: Int
    /// The number of blocks.
    public let blocks: Int
    /// The number of attention heads; divides the width.
    public let heads: Int
    /// The width of the feed-forward's hidden layer.
    public let feedForwardWidth: Int
    /// The largest number of tokens.
    public let maximumPositions: Int
    /// The ε of the norms.
    public let normEpsilon: Float
    /// The feed-forward's non-linearity.
    public let activation: Activation
    /// The probabilities of dropping in training: an element of the embeddings, an attention probability, an element of
    /// what is added to the residual stream.
    public let embeddingDropout, attentionDropout, residualDropout: Float
    /// Whether scores are divided by the root of a head's number of features.
    public let scalesScores: Bool
    /// Whether scores are divided by the number of the block, counted from 1.
    public let scalesScoresByBlock: Bool
    /// Whether the output layer is the word embeddings.
    public let tiesEmbeddings: Bool
    /// The standard deviation of fresh weights.
    public let initializerRange: Float
    /// The token that batches are filled up with; nil when there is none.
    public let paddingToken: Int32?

    /// As many as there are heads.
    public var keyValueHeads: Int { heads }

    /// Reads `config.json`.
    public init(_ json: JSONReader) throws {
        // Bounded far above any model there is, so that no size computed from them overflows.
        vocabularySize = try json["vocab_size"].int(in: 1...1 << 24)
        width = try json["n_embd"].int(in: 1...1 << 16)
        blocks = try json["n_layer"].int(in: 1...1 << 12)
        heads = try json["n_head"].int(in: 1...1 << 12)
        feedForwardWidth = try json["n_inner"].ifPresent?.int(in: 1...1 << 20) ?? 4 * width
        maximumPositions = try json["n_positions"].int(in: 1...1 << 24)
        normEpsilon = Float(try json["layer_norm_epsilon"].ifPresent?.double() ?? 1e-5)
        activation = try ActivationNames.read(json["activation_function"], or: .geluTanh)
        embeddingDropout = try json["embd_pdrop"].probability() ?? 0.1
        attentionDropout = try json["attn_pdrop"].probability() ?? 0.1
        residualDropout = try json["resid_pdrop"].probability() ?? 0.1
        scalesScores = try json["scale_attn_weights"].ifPresent?.bool() ?? true
        scalesScoresByBlock = try json["scale_attn_by_inverse_layer_idx"].ifPresent?.bool() ?? false
        tiesEmbeddings = try json["tie_word_embeddings"].ifPresent?.bool() ?? true
        initializerRange = Float(try json["initializer_range"].ifPresent?.double() ?? 0.02)
        paddingToken = try json["pad_token_id"].ifPresent.map { Int32(clamping: try $0.int()) }
        guard width.isMultiple(of: heads) else {
            throw try json["n_head"].error(expected: "a divisor of n_embd, \(width)")
        }
        guard try json["add_cross_attention"].ifPresent?.bool() != true else {
            throw try json["add_cross_attention"].error(expected: "false: cross-attention is not supported")
        }
    }
}
