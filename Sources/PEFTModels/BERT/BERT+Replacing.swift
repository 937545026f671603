public import PEFTFormats
public import PEFTTensor

extension BERT {
    /// BERT with other tensors in place of its own.
    public func replacing(_ tensors: [String: Tensor]) -> BERT {
        BERT(
            configuration,
            embeddings: embeddings.replacing(tensors),
            blocks: blocks.map { $0.replacing(tensors) },
            pooler: pooler.replacing(tensors),
            classifier: classifier.replacing(tensors),
            freshModules: freshModules.filter { tensors["\($0).weight"] == nil }
        )
    }

    /// BERT with `labels` as the names of its own classes, for `task`.
    public func naming(labels: [String], task: PredictionTask) -> BERT {
        BERT(
            configuration.naming(labels: labels, task: task),
            embeddings: embeddings,
            blocks: blocks,
            pooler: pooler,
            classifier: classifier,
            freshModules: freshModules
        )
    }

    /// A sequence classifier's entries: its class in `transformers`, its labels, 32-bit floats.
    public func configuration(updating original: JSONObject) -> JSONObject {
        let floats = original.forFloats(class: "BertForSequenceClassification")
        return ClassNames.adding(configuration.labels, task: configuration.statedTask, to: floats)
    }
}

extension BERTEmbeddings {
    fileprivate func replacing(_ tensors: [String: Tensor]) -> BERTEmbeddings {
        BERTEmbeddings(
            word: word.replacing(tensors),
            position: position.replacing(tensors),
            type: type.replacing(tensors),
            norm: norm.replacing(tensors),
            dropout: dropout
        )
    }
}

extension BERTBlock {
    fileprivate func replacing(_ tensors: [String: Tensor]) -> BERTBlock {
        BERTBlock(
            query: query.replacing(tensors),
            key: key.replacing(tensors),
            value: value.replacing(tensors),
            attentionOutput: attentionOutput.replacing(tensors),
            attentionSublayer: attentionSublayer.replacing(tensors),
            feedForwardUp: feedForwardUp.replacing(tensors),
            feedForwardDown: feedForwardDown.replacing(tensors),
            feedForwardSublayer: feedForwardSublayer.replacing(tensors),
            activation: activation,
            heads: heads,
            attentionDropout: attentionDropout
        )
    }
}
