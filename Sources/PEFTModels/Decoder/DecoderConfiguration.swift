public import PEFTFormats

/// The part of a decoder checkpoint's `config.json` that decides its shape and behaviour, and how its tensors are called.
public protocol DecoderConfiguration: Sendable {
    /// The values of `model_type` that mean this architecture.
    static var modelTypes: [String] { get }

    /// The number of tokens of the vocabulary.
    var vocabularySize: Int { get }
    /// The width of the residual stream.
    var width: Int { get }
    /// The number of attention heads.
    var heads: Int { get }
    /// The number of heads of keys and values.
    var keyValueHeads: Int { get }
    /// The largest number of tokens.
    var maximumPositions: Int { get }
    /// Whether the output layer is the word embeddings.
    var tiesEmbeddings: Bool { get }
    /// The standard deviation of fresh weights.
    var initializerRange: Float { get }
    /// The modules that methods adapt when nobody names any.
    var standardTargets: StandardTargets { get }
    /// Patterns of keys in a checkpoint that no model of this architecture has a use for.
    var ignoredKeys: [String] { get }
    /// The class of `transformers` for language models.
    var languageModelClass: String { get }
    /// The class of `transformers` for classifiers.
    var classifierClass: String { get }

    /// Reads `config.json`.
    ///
    /// - Throws: `JSONError` for an entry that is missing, ill-typed or not supported.
    init(_ json: JSONReader) throws

    /// Embeddings, blocks and last norm with the weights of a checkpoint.
    func stack(_ weights: WeightSource) -> DecoderStack
}
