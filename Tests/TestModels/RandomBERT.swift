import PEFTFormats
package import PEFTModels
import PEFTTensor

/// Random models of any size, for what does not depend on the weights.
package enum RandomBERT {
    /// A BERT with a feed-forward four times as wide as the model, a vocabulary of 100 and a head for two classes.
    package static func model(width: Int, heads: Int, blocks: Int) throws -> BERT {
        let configuration: JSONObject = [
            "hidden_size": JSONValue(width), "num_attention_heads": JSONValue(heads),
            "num_hidden_layers": JSONValue(blocks), "intermediate_size": JSONValue(4 * width), "vocab_size": 100,
            "max_position_embeddings": 512,
        ]
        let given: [String: Tensor] = [
            "bert.pooler.dense.weight": .zeros([width, width]), "bert.pooler.dense.bias": .zeros([width]),
            "classifier.weight": .zeros([2, width]), "classifier.bias": .zeros([2]),
        ]
        let empty = try BERT(
            configuration: JSONReader(.object(configuration), source: "random"),
            weights: WeightSource(given, name: "random")
        )
        let random = empty.parameters.map { parameter in
            let values = CounterRandom(seed: 1, purpose: parameter.path)
                .uniform(parameter.value.shape, bound: 0.05)
            return (parameter.path, values)
        }
        return empty.replacing(Dictionary(uniqueKeysWithValues: random))
    }
}
