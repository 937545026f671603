public import PEFTModels
import PEFTTensor

/// Low-rank adaptation (Hu et al. 2021): y = W x + b + s · B A dropout(x).
///
/// A is `[rank, inputs]`, B `[outputs, rank]`; s = α / rank, or α / √rank with rank stabilisation
/// (Kalajdzievski 2023). W stays frozen, and b unless ``bias`` says otherwise. By default B starts at zero, so training
/// starts from the base's own output; where A and B start as a part of W (see ``Initialization``),
/// y = W x + b + s · B A dropout(x) − s · B₀ A₀ x with their start A₀, B₀.
///
/// A target may be an embedding table E `[count, width]`, too: looking up index i gives E[i] + s · B A[:, i] with A
/// `[rank, count]`, which starts at zero, and B `[width, rank]`, which starts standard normal; nothing is dropped there.
///
/// ```swift
/// let method = LoRA(rank: 8, alpha: 16, dropout: 0.1, targets: ["query", "value"])
/// ```
public struct LoRA: AdapterMethod {
    /// `lora`.
    public static let name = "lora"

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
    /// Which biases of the base are trained beside A and B.
    public var bias: Bias

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
        targets: ModuleSelection.Targets = .standard,
        excluded: ModuleSelection.Exclusions? = nil,
        layers: [Int]? = nil,
        rankPatterns: [PatternValue<Int>] = [],
        alphaPatterns: [PatternValue<Double>] = [],
        initialization: Initialization = .standard,
        bias: Bias = .none,
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
        self.bias = bias
    }

    /// Modules that are trained and saved as a whole, by the ends of their names.
    public var savedModules: [String] { selection.savedModules }

    /// The kinds of module that A and B are for.
    static let adaptedKinds: ModuleKinds = [.linear, .embedding]

    /// A and B for every selected module, and the biases.
    ///
    /// - Throws: ``LoRAError`` for a number out of its range and a pattern that matches nothing, ``TargetError`` for a
    ///   selection that does not fit the model.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> LoRAWeights {
        try requirePatternMatches(in: model)
        return try makeWeights(for: model, seed: seed, extraBiases: [])
    }

    /// As ``makeWeights(for:seed:)``, also where a pattern matches nothing: in an adapter that `peft` trained, it did
    /// not mean anything, either.
    ///
    /// - Parameter extraBiases: paths of biases in modules that are otherwise trained as a whole.
    func makeWeights(
        for model: some AdaptableModel,
        seed: UInt64,
        extraBiases: Set<String>
    ) throws -> LoRAWeights {
        try validate()
        let ranks = try ModuleValues(rankPatterns)
        let alphas = try ModuleValues(alphaPatterns)
        let targets = try selection.resolve(in: model, adapting: Self.adaptedKinds)
        let bases = try baseWeights(of: targets, in: model)
        let modules = try targets.compactMap { site in
            let rank = ranks[site.module] ?? self.rank
            let alpha = alphas[site.module] ?? self.alpha
            let divisor = isRankStabilized ? Double(rank).squareRoot() : Double(rank)
            let weight = bases["\(site.module).weight"]
            return try initialModule(site, rank: rank, scale: alpha / divisor, weight: weight, seed: seed)
        }
        return LoRAWeights(
            modules,
            dropout: Float(dropout),
            biases: startingBiases(of: model, modules: modules, extra: extraBiases)
        )
    }

    /// W of every target by its path, if the initialisation looks at it.
    private func baseWeights(
        of targets: [SiteDescription],
        in model: some AdaptableModel
    ) throws -> [String: Tensor] {
        if initialization.isForLinearMapsOnly, let other = targets.first(where: { !$0.isLinear }) {
            throw LoRAError.linearMapsOnly(initialization: initialization.name, module: other.module)
        }
        guard initialization.takesFromWeight else { return [:] }
        return model.tensors(at: Set(targets.map { "\($0.module).weight" }))
    }

    /// A pattern for a module that is no target does nothing and is no mistake; one for no module at all is mistyped.
    func requirePatternMatches(in model: some AdaptableModel) throws {
        let modules = model.sites.map(\.module)
        let unmatched =
            try ModuleValues(rankPatterns).unmatched(in: modules).map { ("rank", $0) }
            + ModuleValues(alphaPatterns).unmatched(in: modules).map { ("alpha", $0) }
        guard unmatched.isEmpty else {
            throw LoRAError.patternsMatchNothing(
                unmatched.map { ($0, $1, NearestNames.of($1, among: modules)) }
            )
        }
    }

    /// More than the width of any layer; a file that asks for more would only exhaust the memory.
    private static let ranks = 1...65_536

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``LoRAError`` for the first number that makes no sense whatever the model.
    public func validate() throws {
        if let bad = ([rank] + rankPatterns.map(\.value)).first(where: { !Self.ranks.contains($0) }) {
            throw LoRAError.rank(bad)
        }
        guard dropout >= 0, dropout < 1 else { throw LoRAError.dropout(dropout) }
        if let bad = ([alpha] + alphaPatterns.map(\.value)).first(where: { !$0.isFinite || $0 == 0 }) {
            throw LoRAError.alpha(bad)
        }
        try validateInitialization()
    }

    private func validateInitialization() throws {
        switch initialization {
        case .orthogonal:
            if let odd = ([rank] + rankPatterns.map(\.value)).first(where: { !$0.isMultiple(of: 2) }) {
                throw LoRAError.oddRank(odd)
            }
        case .pissa:
            if let negative = ([alpha] + alphaPatterns.map(\.value)).first(where: { $0 < 0 }) {
                throw LoRAError.negativeAlpha(negative, initialization: initialization.name)
            }
        case .eva(let options):
            try options.validate()
        case .standard, .gaussian, .olora, .random:
            break
        }
    }
}
