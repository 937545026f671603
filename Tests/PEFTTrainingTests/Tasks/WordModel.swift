import PEFTKit

/// Word vectors, a hidden layer, and the mean over a text's words: what an adapter can act on are the two linear maps.
struct WordModel: AdaptableModel {
    let table: Tensor
    let hidden: Linear
    let output: Linear

    init(words: Int, width: Int, classes: Int, seed: UInt64) {
        func normal(_ name: String, _ shape: Shape) -> Tensor {
            CounterRandom(seed: seed, purpose: name).normal(shape, standardDeviation: 0.5)
        }
        table = normal("table", [words, width])
        hidden = Linear(
            site: Site(.encoder, block: 0, .feedForwardUp),
            module: "hidden",
            weight: normal("hidden", [width, width]),
            bias: .zeros([width])
        )
        output = Linear(
            site: Site(.encoder, block: 0, .feedForwardDown),
            module: "output",
            weight: normal("output", [classes, width]),
            bias: nil
        )
    }

    private init(table: Tensor, hidden: Linear, output: Linear) {
        (self.table, self.hidden, self.output) = (table, hidden, output)
    }

    /// A vector for each text: `[texts, width]`.
    func vectors(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        let words = context.tape.rows(batch.ids, of: Variable(table))
        let states = context.tape.activation(.tanh, hidden(words, rows: TokenRows(batch), context))
        return context.tape.meanOfRows(states, offsets: batch.offsets)
    }

    /// `[texts, classes]`
    func logits(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        // One row per text, for the masks of dropout.
        let texts = TokenRows(TokenBatch(batch.examples.map { _ in [0] }, examples: batch.examples))
        return output(vectors(batch, context), rows: texts, context)
    }

    var sites: [SiteDescription] { [hidden.description, output.description] }
    var headModules: [String] { [] }
    var freshModules: [String] { [] }
    var maximumLength: Int { 64 }
    var vocabularySize: Int { table.shape[0] }
    var attentionHeads: Int { 1 }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try body("table.weight", table)
        try hidden.forEachParameter(body)
        try output.forEachParameter(body)
    }

    func replacing(_ tensors: [String: Tensor]) -> WordModel {
        WordModel(
            table: tensors["table.weight"] ?? table,
            hidden: hidden.replacing(tensors),
            output: output.replacing(tensors)
        )
    }
}
