public import PEFTAutograd
public import PEFTFormats

/// Llama and its relatives: rotary positions, RMS norms, a gated feed-forward, shared heads of keys and values (Touvron et
/// al. 2023).
///
/// Mistral has a window, Qwen2 biases of queries, keys and values, Qwen3 norms of every head's queries and keys.
public typealias Llama = CausalDecoder<LlamaConfiguration>

/// The part of a Llama checkpoint's `config.json` that decides its shape and behaviour.
public struct LlamaConfiguration: DecoderConfiguration, Equatable {
    /// Which of the architectures it is.
    public enum Family: String, Sendable, CaseIterable {
        /// Llama 1 to 3.
        case llama
        /// Mistral.
        case mistral
        /// Qwen 1.5, 2 and 2.5.
        case qwen2
        /// Qwen 3.
        case qwen3
    }

    /// `llama`, `mistral`, `qwen2` and `qwen3`.
    public static let modelTypes = Family.allCases.map(\.rawValue)

    /// Which of the architectures it is.
    public let family: Family
    /// The number of tokens of the vocabulary.
    public let vocabularySize: Int
    /// The width of the residual stream.
    public let width: Int
    /// The number of blocks.
    public let blocks: Int
    /// The number of attention heads.
    public let heads: Int
    /// The number of heads of keys and values; divides the number of heads.
    public let keyValueHeads: Int
    /// The number of features of a head.
    public let headDimension: Int
    /// The width of the feed-forward's hidden layer.
    public let feedForwardWidth: Int
    /// The largest number of tokens.
    public let maximumPositions: Int
    /// The ε of the norms.
    public let normEpsilon: Float
    /// The feed-forward's non-linearity.
    public let activation: Activation
    /// The angle between neighbouring positions, for each pair of features.
    public let inverseFrequencies: [Float]
    /// How many of the nearest tokens a token sees in each block; nil for all before it.
    public let windows: [Int?]
    /// Whether the maps of queries, keys and values have biases.
    public let hasInputBiases: Bool
    /// Whether the map behind attention has a bias.
    public let hasOutputBias: Bool
    /// Whether the maps of the feed-forward have biases.
    public let hasFeedForwardBiases: Bool
    /// The probability of dropping an attention probability in training.
    public let attentionDropout: Float
    /// Whether the output layer is the word embeddings.
    public let tiesEmbeddings: Bool
    /// The standard deviation of fresh weights.
    public let initializerRange: Float
    /// The token that batches are filled up with; nil when there is none.
    public let paddingToken: Int32?

    /// Reads `config.json`.
    public init(_ json: JSONReader) throws {
        family = try json.architecture(among: Family.allCases) { [$0.rawValue] }
        // Bounded far above any model there is, so that no size computed from them overflows.
        vocabularySize = try json["vocab_size"].int(in: 1...1 << 24)
        width = try json["hidden_size"].int(in: 1...1 << 16)
        blocks = try json["num_hidden_layers"].int(in: 1...1 << 12)
        heads = try json["num_attention_heads"].int(in: 1...1 << 12)
        keyValueHeads = try Self.keyValueHeads(json, heads: heads, family)
        headDimension = try Self.headDimension(json, width: width, heads: heads, family)
        feedForwardWidth = try json["intermediate_size"].int(in: 1...1 << 20)
        maximumPositions = try json["max_position_embeddings"].int(in: 1...1 << 24)
        normEpsilon = Float(try json["rms_norm_eps"].ifPresent?.double() ?? 1e-6)
        activation = try ActivationNames.read(json["hidden_act"], or: .silu)
        inverseFrequencies = try RotaryFrequencies(json).inverse(headDimension: headDimension)
        windows = try Self.windows(json, blocks: blocks, family)
        let biases = try json["attention_bias"].ifPresent?.bool() ?? false
        hasOutputBias = (family == .llama || family == .qwen3) && biases
        hasInputBiases = family == .qwen2 || hasOutputBias
        hasFeedForwardBiases = try family == .llama && json["mlp_bias"].ifPresent?.bool() ?? false
        attentionDropout = try json["attention_dropout"].probability() ?? 0
        tiesEmbeddings = try json["tie_word_embeddings"].ifPresent?.bool() ?? false
        initializerRange = Float(try json["initializer_range"].ifPresent?.double() ?? 0.02)
        paddingToken = try json["pad_token_id"].ifPresent.map { Int32(clamping: try $0.int()) }
    }

    /// What a `config.json` without the entry means differs between the architectures.
    private static func keyValueHeads(_ json: JSONReader, heads: Int, _ family: Family) throws -> Int {
        let entry = try json["num_key_value_heads"]
        let missing =
            switch family {
            case .llama: heads
            case .mistral: 8
            case .qwen2, .qwen3: 32
            }
        let count = try entry.ifPresent?.int(in: 1...heads) ?? (entry.value == nil ? missing : heads)
        guard heads.isMultiple(of: count) else {
            throw entry.error(expected: "a divisor of num_attention_heads, \(heads)", found: "\(count)")
        }
        return count
    }

    private static func headDimension(_ json: JSONReader, width: Int, heads: Int, _ family: Family) throws -> Int {
        let entry = try json["head_dim"]
        let given = try entry.ifPresent?.int(in: 1...1 << 12)
        guard let dimension = given ?? (family == .qwen3 && entry.value == nil ? 128 : nil) else {
            guard width.isMultiple(of: 2 * heads) else {
                throw try json["num_attention_heads"].error(
                    expected: "heads of an even number of features: hidden_size is \(width)"
                )
            }
            return width / heads
        }
        guard dimension.isMultiple(of: 2) else {
            throw entry.error(expected: "an even number, since features are rotated in pairs")
        }
        return dimension
    }

    private static func windows(_ json: JSONReader, blocks: Int, _ family: Family) throws -> [Int?] {
        func window() throws -> Int? { try json["sliding_window"].ifPresent?.int(in: 1...1 << 24) }
        switch family {
        case .llama: return Array(repeating: nil, count: blocks)
        case .mistral:
            // Without the entry transformers takes Mistral 7B's.
            let standard = try json["sliding_window"].value == nil ? 4_096 : nil
            return Array(repeating: try window() ?? standard, count: blocks)
        case .qwen2, .qwen3:
            let isUsed = try json["use_sliding_window"].ifPresent?.bool() ?? false
            guard isUsed, let window = try window() else { return Array(repeating: nil, count: blocks) }
            guard let types = try json["layer_types"].ifPresent else {
                let first = try json["max_window_layers"].ifPresent?.int(in: 0...1 << 12) ?? 28
                return (0..<blocks).map { $0 < first ? nil : window }
            }
            let kinds = try types.elements()
            guard kinds.count == blocks else {
                throw types.error(expected: "a kind of attention for each of \(blocks) blocks", found: "\(kinds.count)")
            }
            return try kinds.map { kind in
                switch try kind.string() {
                case "full_attention": return nil
                case "sliding_attention": return window
                default: throw kind.error(expected: "\"full_attention\" or \"sliding_attention\"")
                }
            }
        }
    }
}
