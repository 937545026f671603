public import PEFTModels

/// Low-rank adaptation (Hu et al. 2021): y = W x + b + s · B A dropout(x).
///
/// A is `[rank, inputs]`, B `[outputs, rank]`; s = α / rank, or α / √rank with rank stabilisation
/// (Kalajdzievski 2023). W and b stay frozen; B starts at zero, so training starts from the base's own output.
///
/// ```swift
/// let method = LoRA(rank: 8, alpha: 16, dropout: 0.1, targets: ["query", "value"])
/// ```
public struct LoRA: AdapterMethod {
    /// `lora`.
    public static let name = "lora"

    /// How A and B start.
    public enum Initialization: String, Codable, Sendable, CaseIterable {
        /// A uniform in ±1/√inputs (Kaiming with a = √5), B zero.
        case standard = "default"
        /// A normal with standard deviation 1 / rank, B zero.
        case gaussian
        /// A and B uniform in ±1/√inputs and ±1/√rank: not neutral, for tests.
        case random
    }

    /// The rank of the update, at least 1.
    public var rank: Int
    /// α, the numerator of the scale.
    public var alpha: Double
    /// The probability with which an element of x is dropped in training, in [0, 1).
    public var dropout: Double
    /// Whether s = α / √rank instead of α / rank.
    public var isRankStabilized: Bool
    /// Which modules are adapted.
    public var selection: ModuleSelection
    /// Ranks of modules whose name ends in a match of a regular expression; the first match counts.
    public var rankPatterns: [PatternValue<Int>]
    /// α of modules whose name ends in a match of a regular expression; the first match counts.
    public var alphaPatterns: [PatternValue<Double>]
    /// How A and B start.
    public var initialization: Initialization

    /// A regular expression over the ends of module names, and the value for the modules it matches.
    public struct PatternValue<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
        /// The regular expression.
        public let pattern: String
        /// The value for matching modules.
        public let value: Value

        /// A value for the modules that a pattern matches.
        public init(_ pattern: String, _ value: Value) {
            self.pattern = pattern
            self.value = value
        }
    }

    /// A LoRA recipe; the defaults are those of `peft`.
    public init(
        rank: Int = 8,
        alpha: Double = 8,
        dropout: Double = 0,
        isRankStabilized: Bool = false,
        targets: ModuleSelection.Targets = ["query", "value"],
        excluded: ModuleSelection.Exclusions? = nil,
        layers: [Int]? = nil,
        rankPatterns: [PatternValue<Int>] = [],
        alphaPatterns: [PatternValue<Double>] = [],
        initialization: Initialization = .standard,
        savedModules: [String] = []
    ) {
        self.rank = rank
        self.alpha = alpha
        self.dropout = dropout
        self.isRankStabilized = isRankStabilized
        selection = ModuleSelection(targets, excluded: excluded, layers: layers, savedModules: savedModules)
        self.rankPatterns = rankPatterns
        self.alphaPatterns = alphaPatterns
        self.initialization = initialization
    }

    /// Modules that are trained and saved as a whole, by the ends of their names.
    public var savedModules: [String] { selection.savedModules }

    /// A and B for every selected module.
    ///
    /// - Throws: ``LoRAError`` for a number out of its range, ``TargetError`` for a selection that does not fit the model.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> LoRAWeights {
        try validate()
        let ranks = try ModuleValues(rankPatterns)
        let alphas = try ModuleValues(alphaPatterns)
        let modules = try selection.resolve(in: model).compactMap { site -> LoRAWeights.Module? in
            guard case .linear(let inputs, let outputs) = site.kind else { return nil }
            let rank = ranks[site.module] ?? self.rank
            let alpha = alphas[site.module] ?? self.alpha
            return initialModule(
                site,
                inputs: inputs,
                outputs: outputs,
                rank: rank,
                scale: alpha / (isRankStabilized ? Double(rank).squareRoot() : Double(rank)),
                seed: seed
            )
        }
        return LoRAWeights(modules, dropout: Float(dropout))
    }

    /// More than the width of any layer; a file that asks for more would only exhaust the memory.
    private static let ranks = 1...65_536

    /// - Throws: ``LoRAError`` for the first number that makes no sense whatever the model.
    public func validate() throws {
        if let bad = ([rank] + rankPatterns.map(\.value)).first(where: { !Self.ranks.contains($0) }) {
            throw LoRAError.rank(bad)
        }
        guard dropout >= 0, dropout < 1 else { throw LoRAError.dropout(dropout) }
        if let bad = ([alpha] + alphaPatterns.map(\.value)).first(where: { !$0.isFinite || $0 == 0 }) {
            throw LoRAError.alpha(bad)
        }
    }
}

/// A LoRA recipe that makes no sense.
public enum LoRAError: Error, CustomStringConvertible {
    /// A rank below 1 or above 65,536.
    case rank(Int)
    /// An α that is zero or not finite.
    case alpha(Double)
    /// A probability outside [0, 1).
    case dropout(Double)

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .rank(let rank): "LoRA's rank must be from 1 to 65536, not \(rank)"
        case .alpha(let alpha): "LoRA's alpha must be a finite number other than 0, not \(alpha)"
        case .dropout(let dropout): "LoRA's dropout must be at least 0 and below 1, not \(dropout)"
        }
    }
}
