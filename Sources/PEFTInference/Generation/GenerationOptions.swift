/// How a text is continued.
public struct GenerationOptions: Sendable, Hashable {
    /// How many tokens are added at most.
    public let maximumTokens: Int
    /// How each is chosen.
    public let sampling: Sampling
    /// Strings that end the text where they appear; they are not part of it.
    public let stopStrings: [String]
    /// What chance depends on: the same seed gives the same text, whatever else is generated beside it.
    public let seed: UInt64

    /// Options; by default the likeliest token each time, 256 of them at most.
    public init(
        maximumTokens: Int = 256,
        sampling: Sampling = .greedy,
        stopStrings: [String] = [],
        seed: UInt64 = 0
    ) {
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stopStrings = stopStrings
        self.seed = seed
    }

    /// Refuses options that make no sense.
    ///
    /// - Throws: ``GenerationError``.
    public func validate() throws {
        try sampling.validate()
        guard maximumTokens >= 1 else {
            throw GenerationError.invalid(
                "number of tokens to generate",
                value: maximumTokens.description,
                expected: "at least 1"
            )
        }
        guard stopStrings.allSatisfy({ !$0.isEmpty }) else { throw GenerationError.emptyStopString }
    }
}

/// Why a text ended.
public enum FinishReason: Sendable, Hashable {
    /// The model ended it, by a token that says so.
    case endToken
    /// A stop string appeared: which.
    case stopString(String)
    /// As many tokens as asked for.
    case maximumTokens
    /// The model reads no longer texts.
    case contextFull
}

/// A text to be continued.
public struct GenerationRequest: Sendable, Hashable {
    /// The tokens to continue.
    public let prompt: [Int32]
    /// The name of the adapter that continues it; nil for the base alone.
    public let adapter: String?
    /// How.
    public let options: GenerationOptions

    /// A request with a prompt of tokens.
    public init(prompt: [Int32], adapter: String? = nil, options: GenerationOptions = GenerationOptions()) {
        self.prompt = prompt
        self.adapter = adapter
        self.options = options
    }
}

/// What came of a request.
public struct Generation: Sendable, Hashable {
    /// The text that was added, without the prompt.
    public let text: String
    /// Its tokens, one that ended it included.
    public let tokens: [Int32]
    /// Why it ended.
    public let reason: FinishReason
}
