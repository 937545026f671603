import PEFTAutograd
package import PEFTMethods
package import PEFTModels
package import PEFTTensor
package import PEFTTokenizers

/// What a model's head gives for texts: what a ``TextClassifier`` and a ``TextRegressor`` have in common.
package struct TextScorer<Model: SequenceClassificationModel>: Sendable {
    package let model: FrozenModel<Model>
    package let tokenizer: any Tokenizer
    package let adapter: AdapterBundle?
    package let maximumLength: Int
    package let workers: WorkerPool

    /// - Throws: ``ClassifierError`` when there is no head, it is for another task, the length is more than the model can
    ///   read, or the tokenizer is another model's.
    init(
        _ model: FrozenModel<Model>,
        tokenizer: any Tokenizer,
        adapter: AdapterBundle?,
        task: PredictionTask,
        maximumLength: Int?,
        workers: WorkerPool
    ) throws {
        self.model = model
        self.tokenizer = tokenizer
        self.adapter = adapter
        self.workers = workers
        guard !(adapter?.labels ?? model.architecture.labels).isEmpty else {
            throw ClassifierError.noHead(model: model.name)
        }
        let actual = adapter?.task ?? model.architecture.task
        guard actual == task else { throw ClassifierError.otherTask(actual) }
        let limit = model.architecture.maximumLength - (adapter?.reservedPositions ?? 0)
        self.maximumLength = maximumLength ?? min(adapter?.maximumLength ?? limit, limit)
        guard self.maximumLength <= limit else {
            throw ClassifierError.tooLong(requested: self.maximumLength, limit: limit)
        }
        guard tokenizer.vocabularySize <= model.architecture.vocabularySize else {
            throw ClassifierError.vocabulary(
                tokenizer: tokenizer.vocabularySize,
                model: model.architecture.vocabularySize
            )
        }
    }

    /// The names of the head's outputs.
    var labels: [String] { adapter?.labels ?? model.architecture.labels }

    /// The outputs of the head for each text.
    ///
    /// - Parameter batchSize: how many texts a worker takes at a time.
    func outputs(for texts: [String], batchSize: Int) async throws -> [[Float]] {
        let batches = stride(from: 0, to: texts.count, by: max(1, batchSize)).map { start in
            Array(texts[start..<min(start + max(1, batchSize), texts.count)])
        }
        let results = try await workers.map(batches) { [self] batch, worker in
            let encodings = try batch.map(encode)
            let tokens = TokenBatch(encodings.map(\.ids), typeIDs: encodings.map(\.typeIDs))
            let context = ForwardContext(tape: Tape(pool: worker.pool, isRecording: false), adapter: adapter)
            return model.architecture.classify(tokens, context).value.elements.rows(of: labels.count)
        }
        return results.flatMap { $0 }
    }

    func encode(_ text: String) throws -> Encoding {
        let encoding = try tokenizer.encode(text, maximumLength: maximumLength)
        guard encoding.count > 0 else { throw ClassifierError.noTokens(text: text) }
        return encoding
    }
}

extension [Float] {
    func rows(of width: Int) -> [[Float]] {
        stride(from: 0, to: count, by: width).map { Array(self[$0..<($0 + width)]) }
    }
}
