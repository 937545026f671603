public import PEFTModels
import PEFTTensor

/// Prompt tuning (Lester et al. 2021): trained rows P `[virtualTokens, width]` stand in front of every text's word
/// embeddings, as if they were tokens.
///
/// The virtual tokens take the positions 0 ..< virtualTokens and are of type 0; a text's positions start behind them,
/// so that it may have that many tokens fewer than the model reads.
///
/// ```swift
/// let method = Prompt(virtualTokens: 20, initialization: .vocabulary)
/// ```
public struct Prompt: AdapterMethod {
    /// `prompt`.
    public static let name = "prompt"

    /// How P starts.
    public enum Initialization: Codable, Sendable, Equatable {
        /// Normal with standard deviation 1.
        case random
        /// The embeddings of tokens drawn at random.
        case vocabulary
        /// The embeddings of a text's tokens, cut or repeated to the number of virtual tokens.
        ///
        /// `ids` are what the tokenizer of that name makes of the text, special tokens included. Files keep text and
        /// tokenizer, not the ids.
        case text(String, ids: [Int32], tokenizer: String)
    }

    /// Which token of a sequence a classifier's pooler reads.
    public enum Pooler: String, Codable, Sendable, CaseIterable {
        /// The text's own first token, as without a prompt. Python's `peft` has no such adapter, and refuses its files.
        case firstToken
        /// The first virtual token: what `peft` comes to, since it puts the prompt before the text's first token.
        case virtualToken
    }

    /// The number of virtual tokens, at least 1.
    public var virtualTokens: Int
    /// How P starts.
    public var initialization: Initialization
    /// Which token a classifier's pooler reads.
    public var pooler: Pooler
    /// Modules that are trained and saved as a whole, by the ends of their names.
    public var savedModules: [String]

    /// A prompt recipe.
    public init(
        virtualTokens: Int = 20,
        initialization: Initialization = .random,
        pooler: Pooler = .firstToken,
        savedModules: [String] = []
    ) {
        self.virtualTokens = virtualTokens
        self.initialization = initialization
        self.pooler = pooler
        self.savedModules = savedModules
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``VirtualTokenError/count(_:method:)``.
    public func validate() throws {
        try VirtualTokenError.check(virtualTokens, of: Self.name)
    }

    /// P.
    ///
    /// - Throws: ``VirtualTokenError`` when the virtual tokens leave no room for a text, ``PromptError`` for a text
    ///   without tokens or with one that the model does not have.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> PromptWeights {
        let width = try width(in: model)
        let random = CounterRandom(seed: seed, purpose: PromptLearning.table)
        let table: Tensor
        switch initialization {
        case .random:
            table = random.normal([virtualTokens, width], standardDeviation: 1)
        case .vocabulary:
            let count = model.vocabularySize
            table = try WordEmbedding(model).rows((0..<virtualTokens).map { random.integer(below: count, $0) })
        case .text(let text, let ids, _):
            guard !ids.isEmpty else { throw PromptError.noTokens(text: text) }
            table = try WordEmbedding(model).rows((0..<virtualTokens).map { Int(ids[$0 % ids.count]) })
        }
        return PromptWeights(table: table, pooler: pooler)
    }

    /// The width of the table in a model.
    func width(in model: some AdaptableModel) throws -> Int {
        try validate()
        try VirtualTokenError.check(virtualTokens, of: Self.name, in: model)
        return try WordEmbedding(model).width
    }
}

/// A prompt that cannot be.
public enum PromptError: Error, CustomStringConvertible {
    /// A text to start from whose tokens are not known.
    case noTokens(text: String)
    /// A token to start from that the model does not have.
    case token(Int, count: Int)
    /// A model without word embeddings.
    case noWordEmbedding

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .noTokens(let text):
            "the prompt's initial text \"\(text)\" comes without tokens; give the ids that the model's tokenizer makes of it"
        case .token(let id, let count):
            "the prompt's initial text has the token \(id), the model embeddings for 0 to \(count - 1) only; "
                + "encode it with the model's own tokenizer"
        case .noWordEmbedding:
            "the model has no word embeddings, so that a prompt has no place in it"
        }
    }
}
