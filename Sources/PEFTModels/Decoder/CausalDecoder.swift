public import PEFTAutograd
public import PEFTTensor

/// A decoder with an output layer over the vocabulary: a language model.
///
/// ```swift
/// let base = try FrozenModel<Llama>.open(URL(filePath: "models/Llama-3.2-1B"))
/// ```
public struct CausalDecoder<Configuration: DecoderConfiguration>: CausalLanguageModel {
    /// What `config.json` says.
    public let configuration: Configuration
    let stack: DecoderStack
    let head: Linear

    init(_ configuration: Configuration, stack: DecoderStack, head: Linear) {
        self.configuration = configuration
        self.stack = stack
        self.head = head
    }

    /// The number of tokens of the vocabulary.
    public var vocabularySize: Int { configuration.vocabularySize }
    /// The number of heads that the attention of every block has.
    public var attentionHeads: Int { configuration.heads }
    /// The number of heads that keys and values have.
    public var keyValueHeads: Int { configuration.keyValueHeads }
    /// The largest number of tokens a sequence may have.
    public var maximumLength: Int { configuration.maximumPositions }
    /// The architecture's.
    public var standardTargets: StandardTargets { configuration.standardTargets }
    /// None: the output layer is part of the base.
    public var headModules: [String] { [] }
    /// None.
    public var freshModules: [String] { [] }
    /// The output layer's weight, where it is the word embeddings.
    public var tiedTensors: [String: String] { head.isTied ? ["\(head.module).weight": head.weightPath] : [:] }

    /// Every module an adapter can name, in the order of the forward pass.
    public var sites: [SiteDescription] { stack.sites + [head.description] }

    /// Visits every tensor of the base with its path.
    public func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try stack.forEachParameter(body)
        try head.forEachParameter(body)
    }

    /// The state of every token of the batch after the last norm, `[tokens, width]`, without virtual tokens.
    public func hiddenStates(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        stack.states(batch, context)
    }

    /// The logits that follow some rows: `[rows, vocabularySize]`.
    public func logits(_ hidden: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        head(hidden, rows: rows, context)
    }

    /// Σ weight · −log p(target), one number `[1]`.
    public func loss(
        _ hidden: Variable,
        rows: TokenRows,
        targets: [Int32],
        weights: [Float],
        _ context: ForwardContext
    ) -> Variable {
        if head.isChanged(in: context) {
            return context.tape.crossEntropy(logits(hidden, rows: rows, context), targets: targets, weights: weights)
        }
        return context.tape.chunkedCrossEntropy(
            hidden,
            weight: context.variable(head.weightPath, frozen: head.weight),
            targets: targets,
            weights: weights
        )
    }
}

extension Linear {
    /// Whether an adapter does anything here but train W for all sequences alike.
    fileprivate func isChanged(in context: ForwardContext) -> Bool {
        guard let routes = context.routes else { return context.adapter?.linear(at: site) != nil }
        return routes.contains { route in
            guard let adapter = route.context.adapter else { return false }
            return adapter.linear(at: site) != nil || adapter.parameter(weightPath) != nil
        }
    }
}
