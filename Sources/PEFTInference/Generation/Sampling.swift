/// How the next token is chosen from a model's logits.
///
/// Logits first get the repetition penalty; then they are divided by the temperature, and what is unlikely is left out: by
/// rank (``topK``), by the sum of the likelier ones (``topP``), by the share of the likeliest (``minP``), in this order, which is
/// that of `transformers`.
public struct Sampling: Sendable, Hashable {
    /// What logits are divided by; 0 always takes the likeliest token.
    public let temperature: Double
    /// Only so many of the likeliest tokens, and those equal to the last of them; nil for all.
    public let topK: Int?
    /// Only the likeliest tokens that reach this probability together (nucleus sampling, Holtzman et al. 2020); nil for all.
    public let topP: Double?
    /// Only tokens with at least this share of the likeliest one's probability (Nguyen et al. 2024); nil for all.
    public let minP: Double?
    /// What positive logits of tokens that are in the text already are divided by, and negative ones multiplied by (Keskar et
    /// al. 2019); 1 for nothing.
    public let repetitionPenalty: Double

    /// Always the likeliest token.
    public static let greedy = Sampling(temperature: 0)

    /// A choice by chance, or with a temperature of 0 the likeliest token.
    public init(
        temperature: Double = 1,
        topK: Int? = nil,
        topP: Double? = nil,
        minP: Double? = nil,
        repetitionPenalty: Double = 1
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
    }

    /// Refuses numbers that make no sense.
    ///
    /// - Throws: ``GenerationError/invalid(_:value:expected:)`` for a number that makes no sense.
    public func validate() throws {
        func check(_ isValid: Bool, _ name: String, _ value: some CustomStringConvertible, _ expected: String) throws {
            guard isValid else {
                throw GenerationError.invalid(name, value: value.description, expected: expected)
            }
        }
        try check(temperature >= 0 && temperature.isFinite, "temperature", temperature, "at least 0")
        if let topK { try check(topK >= 1, "top-k", topK, "at least 1") }
        if let topP { try check(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1") }
        if let minP { try check(minP >= 0 && minP <= 1, "min-p", minP, "from 0 to 1") }
        try check(
            repetitionPenalty > 0 && repetitionPenalty.isFinite,
            "repetition penalty",
            repetitionPenalty,
            "above 0"
        )
    }
}
