public import PEFTAutograd
package import PEFTFormats

/// The part of a BERT checkpoint's `config.json` that decides its shape and behaviour.
public struct BERTConfiguration: Sendable, Equatable {
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
    /// The number of segments.
    public let segments: Int
    /// The ε of the norms.
    public let normEpsilon: Float
    /// The feed-forward's non-linearity.
    public let activation: Activation
    /// The probability of dropping an element of a hidden state in training.
    public let hiddenDropout: Float
    /// The probability of dropping an attention probability in training.
    public let attentionDropout: Float
    /// The probability of dropping an element of what the classifier reads in training.
    public let classifierDropout: Float
    /// The standard deviation of fresh weights.
    public let initializerRange: Float
    /// The names of the classes; `transformers` writes two when nothing is known of them.
    public private(set) var labels: [String]
    /// What the head is for; nil when nothing is said.
    public private(set) var statedTask: PredictionTask?

    /// Reads `config.json`.
    ///
    /// - Throws: `JSONError` for a missing or ill-typed entry, ``ModelError`` for one that is not supported.
    package init(_ json: JSONReader) throws {
        // Bounded far above any model there is, so that no size computed from them overflows.
        vocabularySize = try json["vocab_size"].int(in: 1...1 << 24)
        width = try json["hidden_size"].int(in: 1...1 << 16)
        blocks = try json["num_hidden_layers"].int(in: 1...1 << 12)
        heads = try json["num_attention_heads"].int(in: 1...1 << 16)
        feedForwardWidth = try json["intermediate_size"].int(in: 1...1 << 20)
        maximumPositions = try json["max_position_embeddings"].int(in: 1...1 << 24)
        segments = try json["type_vocab_size"].ifPresent?.int(in: 1...1 << 16) ?? 2
        normEpsilon = Float(try json["layer_norm_eps"].ifPresent?.double() ?? 1e-12)
        initializerRange = Float(try json["initializer_range"].ifPresent?.double() ?? 0.02)
        hiddenDropout = try json["hidden_dropout_prob"].probability() ?? 0.1
        attentionDropout = try json["attention_probs_dropout_prob"].probability() ?? 0.1
        classifierDropout = try json["classifier_dropout"].probability() ?? hiddenDropout
        labels = try ClassNames.read(json)
        statedTask = try PredictionTask.stated(json)
        activation = try ActivationNames.read(json["hidden_act"], or: .gelu)
        guard width % heads == 0 else {
            throw try json["num_attention_heads"].error(expected: "a divisor of hidden_size, \(width)")
        }
        let positions = try json["position_embedding_type"].ifPresent?.string() ?? "absolute"
        guard positions == "absolute" else {
            throw try json["position_embedding_type"].error(
                expected: "\"absolute\", the only kind of position supported"
            )
        }
        guard try json["is_decoder"].ifPresent?.bool() != true else {
            throw try json["is_decoder"].error(expected: "false: BERT as a decoder is not supported")
        }
    }

    /// This configuration with other names of classes, for a task.
    func naming(labels: [String], task: PredictionTask) -> BERTConfiguration {
        var copy = self
        copy.labels = labels
        copy.statedTask = task
        return copy
    }
}
