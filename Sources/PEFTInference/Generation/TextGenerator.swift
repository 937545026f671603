public import PEFTMethods
public import PEFTModels
public import PEFTTensor
public import PEFTTokenizers

/// Continues texts: a base that reads from left to right, its tokenizer and, usually, adapters.
///
/// Keys and values of what was read are kept, so that each further token costs one row of the model. Texts of several
/// adapters are continued side by side over one base.
///
/// ```swift
/// let generator = try TextGenerator(base, tokenizer: tokenizer, adapter: adapter)
/// let options = GenerationOptions(maximumTokens: 20)
/// for try await piece in try generator.stream("Once upon a time", options: options) { print(piece, terminator: "") }
/// ```
public struct TextGenerator<Model: CausalLanguageModel>: Sendable {
    /// The frozen base.
    public let model: FrozenModel<Model>
    /// Turns texts into tokens and back.
    public let tokenizer: any Tokenizer
    /// Who continues a text that names no adapter; nil for the base alone.
    public let adapter: AdapterBundle?
    /// Those that a request can name.
    public let adapters: AdapterSet
    /// The tokens that end a text.
    public let endTokens: Set<Int32>
    /// Who computes.
    public let workers: WorkerPool

    /// A generator.
    ///
    /// - Parameters:
    ///   - adapter: who continues a text that names no adapter; nil for the base alone.
    ///   - adapters: those that a request can name.
    ///   - endTokens: the tokens that end a text; by default what the tokenizer ends texts with.
    /// - Throws: ``GenerationError`` when the tokenizer is another model's, or an adapter classifies.
    public init(
        _ model: FrozenModel<Model>,
        tokenizer: any Tokenizer,
        adapter: AdapterBundle? = nil,
        adapters: AdapterSet = AdapterSet(),
        endTokens: Set<Int32>? = nil,
        workers: WorkerPool = .shared
    ) throws {
        self.model = model
        self.tokenizer = tokenizer
        self.adapter = adapter
        self.adapters = adapters
        self.endTokens = endTokens ?? Set([tokenizer.specialTokens.end?.id].compactMap { $0 })
        self.workers = workers
        guard tokenizer.vocabularySize <= model.architecture.vocabularySize else {
            throw GenerationError.vocabulary(
                tokenizer: tokenizer.vocabularySize,
                model: model.architecture.vocabularySize
            )
        }
        let all = adapters.members.map { ($0.name, $0.adapter) } + (adapter.map { [("adapter", $0)] } ?? [])
        for (name, adapter) in all where !adapter.labels.isEmpty {
            throw GenerationError.notForLanguage(adapter: name, labels: adapter.labels.count)
        }
    }

    /// A request to continue a text, special tokens as the tokenizer puts them in front.
    ///
    /// - Throws: what the tokenizer throws.
    public func request(
        _ prompt: String,
        adapter: String? = nil,
        options: GenerationOptions = GenerationOptions()
    ) throws -> GenerationRequest {
        GenerationRequest(prompt: try tokenizer.encode(prompt).ids, adapter: adapter, options: options)
    }

    /// Continues a text.
    ///
    /// - Throws: ``GenerationError``, what the tokenizer throws, or `CancellationError`.
    public func generate(
        _ prompt: String,
        options: GenerationOptions = GenerationOptions()
    ) async throws -> Generation {
        try await generate([try request(prompt, options: options)])[0]
    }

    /// Continues several texts side by side: each comes out as it would alone.
    ///
    /// - Parameters:
    ///   - batchSize: how many texts a worker continues at a time.
    ///   - report: receives what is added to a text, by the request's number, as it comes.
    /// - Returns: what came of each request, in their order.
    /// - Throws: ``GenerationError``, or `CancellationError`.
    public func generate(
        _ requests: [GenerationRequest],
        batchSize: Int = 16,
        report: @escaping @Sendable (Int, String) -> Void = { _, _ in }
    ) async throws -> [Generation] {
        let texts = try requests.map(text(for:))
        // Texts of one adapter side by side, so that they share products.
        let order = requests.indices.sorted { (requests[$0].adapter ?? "", $0) < (requests[$1].adapter ?? "", $1) }
        var finished: [Int: Generation] = [:]
        let width = workers.count * max(1, batchSize)
        for start in stride(from: 0, to: order.count, by: width) {
            let part = Array(order[start..<min(start + width, order.count)])
            var run = try GenerationRun(self, part.map { ($0, texts[$0]) })
            for (index, generation) in try await run.finish(report) { finished[index] = generation }
        }
        return requests.indices.compactMap { finished[$0] }
    }

    /// The text that is added, piece by piece as it comes.
    ///
    /// - Throws: ``GenerationError``; what happens later is thrown by the sequence.
    public func stream(_ request: GenerationRequest) throws -> GeneratedText {
        _ = try text(for: request)
        return GeneratedText { report in _ = try await generate([request]) { _, piece in report(piece) } }
    }

    /// The text that is added to a prompt, piece by piece as it comes.
    ///
    /// - Throws: ``GenerationError``, or what the tokenizer throws; what happens later is thrown by the sequence.
    public func stream(
        _ prompt: String,
        options: GenerationOptions = GenerationOptions()
    ) throws -> GeneratedText {
        try stream(try request(prompt, options: options))
    }

    /// The adapter that a request names.
    func adapter(of request: GenerationRequest) throws -> AdapterBundle? {
        guard let name = request.adapter else { return adapter }
        guard let member = adapters.members.first(where: { $0.name == name }) else {
            throw GenerationError.unknownAdapter(name, known: adapters.names)
        }
        return member.adapter
    }

    /// A request that was checked.
    private func text(for request: GenerationRequest) throws -> GrowingText {
        try request.options.validate()
        let limit = model.architecture.maximumLength - (try adapter(of: request)?.reservedPositions ?? 0)
        guard !request.prompt.isEmpty else { throw GenerationError.emptyPrompt }
        guard request.prompt.count < limit else {
            throw GenerationError.promptTooLong(tokens: request.prompt.count, limit: limit)
        }
        let known = 0..<Int32(clamping: model.architecture.vocabularySize)
        if let id = request.prompt.first(where: { !known.contains($0) }) {
            throw GenerationError.unknownToken(id, vocabulary: model.architecture.vocabularySize)
        }
        return GrowingText(
            request,
            decoder: IncrementalDecoder(tokenizer, skippingSpecialTokens: true),
            endTokens: endTokens,
            limit: limit
        )
    }
}
