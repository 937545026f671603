public import PEFTAutograd
public import PEFTTensor

/// BERT with a sequence classification head (Devlin et al. 2019), of any size.
///
/// Logits = classifier(dropout(tanh(pooler(h₀)))) with h₀ the last block's row of each sequence's first token.
public struct BERT: SequenceClassificationModel {
    /// What `config.json` says.
    public let configuration: BERTConfiguration
    let embeddings: BERTEmbeddings
    let blocks: [BERTBlock]
    let pooler: Linear
    let classifier: Linear
    /// Modules that the checkpoint did not hold and that are therefore trained and saved with every adapter.
    public let freshModules: [String]

    /// The names of the classes of the checkpoint's own classifier; empty when it has none.
    public var labels: [String] { freshModules.contains(classifier.module) ? [] : configuration.labels }

    /// The names of classes in `config.json`.
    public var configuredLabels: [String] { configuration.labels }

    /// What `config.json` says that the classifier is for.
    public var statedTask: PredictionTask? { configuration.statedTask }

    /// The number of tokens of the vocabulary.
    public var vocabularySize: Int { configuration.vocabularySize }

    /// The number of heads that the attention of every block has.
    public var attentionHeads: Int { configuration.heads }

    /// Queries and values; keys, values and what enters both `output.dense`.
    public var standardTargets: StandardTargets {
        StandardTargets(
            lowRank: ["query", "value"],
            scaled: ["key", "value", "output.dense"],
            scaledInputs: ["output.dense"]
        )
    }

    /// The module that holds the task head.
    public var headModules: [String] { [classifier.module] }

    /// The largest number of tokens a sequence may have.
    public var maximumLength: Int { configuration.maximumPositions }

    /// The checkpoint's classifier when it has `labels` classes; otherwise normal weights of the configured width and
    /// zero biases.
    public func head(labels: Int, seed: UInt64) -> [Parameter] {
        let (weightPath, biasPath) = ("\(classifier.module).weight", "\(classifier.module).bias")
        if let bias = classifier.bias, bias.count == labels {
            return [Parameter(weightPath, classifier.weight), Parameter(biasPath, bias)]
        }
        let random = CounterRandom(seed: seed, purpose: weightPath)
        return [
            Parameter(
                weightPath,
                random.normal([labels, configuration.width], standardDeviation: configuration.initializerRange)
            ),
            Parameter(biasPath, .zeros([labels])),
        ]
    }

    /// Logits `[sequences, labels]`.
    public func classify(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        let (hidden, rows) = pooledRows(batch, context)
        let pooled = pooler(hidden, rows: rows, activation: .tanh, context)
        let mask = context.baseDropout(
            rate: configuration.classifierDropout,
            purpose: classifier.module,
            rows: rows
        )
        return classifier(context.tape.dropout(pooled, mask), rows: rows, context)
    }

    /// The hidden state of every token, `[tokens, width]`, virtual tokens included.
    public func hiddenStates(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        var (x, rows, _) = embeddings(batch, context)
        for block in blocks { (x, rows) = block(x, rows: rows, context) }
        return x
    }

    /// The hidden state that the pooler reads of each sequence; the last block computes no other unless it has to.
    private func pooledRows(_ batch: TokenBatch, _ context: ForwardContext) -> (Variable, TokenRows) {
        let hidden = context.throughBlocks(blocks.count, of: batch) { batch, context in
            let (x, rows, pooled) = embeddings(batch, context)
            return HiddenRows(states: x, rows: rows, pooled: pooled)
        } block: { index, hidden, context in
            let selects = index == blocks.count - 1 && !context.computesAllRows
            let wanted = selects ? hidden.pooled : nil
            let (x, rows) = blocks[index](hidden.states, rows: hidden.rows, wanted: wanted, context)
            return HiddenRows(states: x, rows: rows, pooled: hidden.pooled.map { selects ? 0 : $0 })
        }
        guard context.computesAllRows else { return (hidden.states, hidden.rows) }
        let selection = hidden.rows.selecting(hidden.pooled)
        return (context.tape.rows(selection.indices, of: hidden.states), selection.rows)
    }

    /// Every module an adapter can name, in the order of the forward pass.
    public var sites: [SiteDescription] {
        var all = embeddings.tables.map(\.description) + [embeddings.norm.description]
        for block in blocks {
            all += block.linears[..<4].map(\.description)
            all.append(block.attentionSublayer.norm.description)
            all += block.linears[4...].map(\.description)
            all.append(block.feedForwardSublayer.norm.description)
        }
        return all + [pooler.description, classifier.description]
    }

    init(
        _ configuration: BERTConfiguration,
        embeddings: BERTEmbeddings,
        blocks: [BERTBlock],
        pooler: Linear,
        classifier: Linear,
        freshModules: [String]
    ) {
        self.configuration = configuration
        self.embeddings = embeddings
        self.blocks = blocks
        self.pooler = pooler
        self.classifier = classifier
        self.freshModules = freshModules
    }

    /// Visits every tensor of the base with its path.
    public func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        for table in embeddings.tables { try table.forEachParameter(body) }
        try embeddings.norm.forEachParameter(body)
        for block in blocks {
            for linear in block.linears { try linear.forEachParameter(body) }
            for norm in block.norms { try norm.forEachParameter(body) }
        }
        try pooler.forEachParameter(body)
        try classifier.forEachParameter(body)
    }
}
