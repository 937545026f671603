public import PEFTFormats
public import PEFTTensor

extension CausalDecoder: LoadableArchitecture {
    /// The values of `model_type` that mean this architecture.
    public static var modelTypes: [String] { Configuration.modelTypes }

    /// The head of a classifier, and what no model of the architecture has a use for.
    public var ignoredKeys: [String] { ["score.*"] + configuration.ignoredKeys }

    /// A language model with the weights of a checkpoint.
    ///
    /// Keys may have the outer prefix of `transformers`' language models or not.
    public init(configuration json: JSONReader, weights: WeightSource) throws {
        let configuration = try Configuration(json)
        let stack = configuration.stack(weights)
        self.init(configuration, stack: stack, head: Self.head(configuration, stack.embeddings.word, weights))
    }

    /// The output layer: the word embeddings if they are tied, unless the checkpoint has another one, as in
    /// `transformers`.
    private static func head(_ configuration: Configuration, _ word: Embedding, _ weights: WeightSource) -> Linear {
        let source = weights.scoped("lm_head")
        func linear(_ weight: Tensor, path: String?) -> Linear {
            Linear(
                site: Site(.decoder, .languageModelHead),
                module: "lm_head",
                weight: weight,
                bias: nil,
                weightPath: path
            )
        }
        if configuration.tiesEmbeddings {
            let tied = linear(word.table, path: "\(word.module).weight")
            guard source.shape(of: "weight") != nil else { return tied }
            let own = source.tensor("weight", shape: word.table.shape)
            let isSame = own.withUnsafeFloats { a in word.table.withUnsafeFloats { a.elementsEqual($0) } }
            return isSame ? tied : linear(own, path: nil)
        }
        return linear(
            source.tensor("weight", shape: [configuration.vocabularySize, configuration.width]),
            path: nil
        )
    }

    /// The model with other tensors in place of its own.
    public func replacing(_ tensors: [String: Tensor]) -> CausalDecoder {
        CausalDecoder(configuration, stack: stack.replacing(tensors), head: head.replacing(tensors))
    }

    /// A language model's entries: its class in `transformers`, 32-bit floats, whether the output layer is tied.
    public func configuration(updating original: JSONObject) -> JSONObject {
        var entries = original.forFloats(class: configuration.languageModelClass)
        entries["tie_word_embeddings"] = .bool(head.isTied)
        return entries
    }
}
