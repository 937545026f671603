import PEFTTensor
import PEFTTokenizers

/// One text while it is continued.
struct GrowingText: Sendable {
    let request: GenerationRequest
    /// How many tokens the model reads, those of the prompt included.
    private let limit: Int
    private let endTokens: Set<Int32>
    private let random: CounterRandom
    private var seen: Set<Int32>
    private var decoder: IncrementalDecoder
    private var stops: StopStrings
    private(set) var tokens: [Int32] = []
    private(set) var text = ""
    /// nil while the text goes on.
    private(set) var reason: FinishReason?

    init(_ request: GenerationRequest, decoder: IncrementalDecoder, endTokens: Set<Int32>, limit: Int) {
        self.request = request
        self.limit = limit
        self.endTokens = endTokens
        self.decoder = decoder
        random = CounterRandom(seed: request.options.seed, purpose: "generation")
        seen = Set(request.prompt)
        stops = StopStrings(request.options.stopStrings)
    }

    /// What the next pass reads: the prompt at first, then the newest token.
    var unread: [Int32] { tokens.last.map { [$0] } ?? request.prompt }

    /// Chooses the next token from the logits behind the text, and returns what is certain of the text by it.
    mutating func append(by logits: UnsafeBufferPointer<Float>) -> String {
        let choice = TokenChoice(logits, seen: seen, request.options.sampling)
        let token = choice.token(at: random.uniform(tokens.count))
        tokens.append(token)
        seen.insert(token)
        let ends = endTokens.contains(token)
        var piece = ends ? "" : stops.append(decoder.append(token))
        if let stop = stops.found {
            reason = .stopString(stop)
        } else if ends {
            reason = .endToken
        } else if tokens.count == request.options.maximumTokens {
            reason = .maximumTokens
        } else if request.prompt.count + tokens.count >= limit {
            reason = .contextFull
        }
        if reason != nil, stops.found == nil {
            piece += stops.append(decoder.finish())
            if let stop = stops.found { reason = .stopString(stop) } else { piece += stops.finish() }
        }
        text += piece
        return piece
    }

    /// What came of it.
    ///
    /// - Precondition: the text has ended.
    var generation: Generation {
        guard let reason else { preconditionFailure("a text that has not ended has no reason to") }
        return Generation(text: text, tokens: tokens, reason: reason)
    }
}
