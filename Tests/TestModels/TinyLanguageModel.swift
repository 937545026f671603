package import PEFTAutograd
package import PEFTModels
package import PEFTTensor

/// The smallest model that reads from left to right: word vectors, what causal attention makes of them added, one linear map,
/// and an output layer.
package struct TinyLanguageModel: CausalLanguageModel {
    package let table: Tensor
    package let map: Linear
    package let head: Tensor

    package static let tablePath = "model.embed_tokens.weight"
    package static let headPath = "lm_head.weight"

    /// - Parameter isUniform: whether every token is as probable as any other, always.
    package init(vocabulary: Int = 23, width: Int = 6, seed: UInt64 = 1, isUniform: Bool = false) {
        func normal(_ name: String, _ shape: Shape) -> Tensor {
            CounterRandom(seed: seed, purpose: name).normal(shape, standardDeviation: 0.7)
        }
        self.init(
            table: normal("table", [vocabulary, width]),
            map: Linear(
                site: Site(.decoder, block: 0, .feedForwardUp),
                module: "model.layers.0.mlp.up_proj",
                weight: normal("map", [width, width]),
                bias: nil
            ),
            head: isUniform ? .zeros([vocabulary, width]) : normal("head", [vocabulary, width])
        )
    }

    private init(table: Tensor, map: Linear, head: Tensor) {
        (self.table, self.map, self.head) = (table, map, head)
    }

    package func hiddenStates(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        let words = context.tape.rows(batch.ids, of: variable(Self.tablePath, table, context))
        let layout = AttentionLayout(
            queryOffsets: batch.offsets,
            keyOffsets: batch.offsets,
            heads: 1,
            visibility: .causal
        )
        let seen = context.tape.attention(query: words, key: words, value: words, layout: layout, scale: 1)
        let states = map(context.tape.add(words, seen), rows: TokenRows(batch), context)
        return context.tape.activation(.tanh, states)
    }

    package func logits(_ hidden: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        context.tape.linear(hidden, weight: variable(Self.headPath, head, context), bias: nil)
    }

    package func loss(
        _ hidden: Variable,
        rows: TokenRows,
        targets: [Int32],
        weights: [Float],
        _ context: ForwardContext
    ) -> Variable {
        context.tape.chunkedCrossEntropy(
            hidden,
            weight: variable(Self.headPath, head, context),
            targets: targets,
            weights: weights,
            chunk: 5
        )
    }

    private func variable(_ path: String, _ frozen: Tensor, _ context: ForwardContext) -> Variable {
        context.adapter?.parameter(path).map(context.variable) ?? Variable(frozen)
    }

    package var sites: [SiteDescription] { [map.description] }
    package var headModules: [String] { [] }
    package var freshModules: [String] { [] }
    package var maximumLength: Int { 32 }
    package var vocabularySize: Int { table.shape[0] }
    package var attentionHeads: Int { 1 }

    package func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try body(Self.tablePath, table)
        try map.forEachParameter(body)
        try body(Self.headPath, head)
    }

    package func replacing(_ tensors: [String: Tensor]) -> TinyLanguageModel {
        TinyLanguageModel(
            table: tensors[Self.tablePath] ?? table,
            map: map.replacing(tensors),
            head: tensors[Self.headPath] ?? head
        )
    }
}
