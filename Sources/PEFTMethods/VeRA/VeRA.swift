public import PEFTModels
import PEFTTensor

/// Vector-based random matrix adaptation (Kopiczko et al. 2024): y = W x + b + λ_b ⊙ B (λ_d ⊙ A dropout(x)).
///
/// A `[rank, inputs]` and B `[outputs, rank]` are random, frozen, and shared by all modules, of which smaller ones take
/// the first columns of A and the first rows of B. Only λ_d `[rank]`, which starts at a small number, and λ_b
/// `[outputs]`, which starts at zero, are trained, so training starts from the base's own output.
///
/// ```swift
/// let method = VeRA(rank: 256, targets: ["query", "value"])
/// ```
public struct VeRA: AdapterMethod {
    /// `vera`.
    public static let name = "vera"

    /// The number of rows of A and columns of B, at least 1.
    public var rank: Int
    /// The probability with which an element of x is dropped in training, in [0, 1).
    public var dropout: Double
    /// What λ_d starts at.
    public var initialScale: Double
    /// A and B are a function of it.
    public var projectionSeed: UInt64
    /// Which modules are adapted.
    public var selection: ModuleSelection

    /// A VeRA recipe; the defaults are those of `peft`.
    public init(
        rank: Int = 256,
        dropout: Double = 0,
        initialScale: Double = 0.1,
        projectionSeed: UInt64 = 0,
        targets: ModuleSelection.Targets = .standard,
        excluded: ModuleSelection.Exclusions? = nil,
        layers: [Int]? = nil,
        savedModules: [String] = []
    ) {
        self.rank = rank
        self.dropout = dropout
        self.initialScale = initialScale
        self.projectionSeed = projectionSeed
        selection = ModuleSelection(targets, excluded: excluded, layers: layers, savedModules: savedModules)
    }

    /// Modules that are trained and saved as a whole, by the ends of their names.
    public var savedModules: [String] { selection.savedModules }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``VeRAError`` for the first number that makes no sense whatever the model.
    public func validate() throws {
        guard (1...65_536).contains(rank) else { throw VeRAError.rank(rank) }
        guard dropout >= 0, dropout < 1 else { throw VeRAError.dropout(dropout) }
        guard initialScale.isFinite, initialScale != 0 else { throw VeRAError.initialScale(initialScale) }
    }

    /// λ_d and λ_b for every selected module, and the random A and B that all share.
    ///
    /// - Throws: ``VeRAError`` for a number out of its range, ``TargetError`` for a selection that does not fit the model.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> VeRAWeights {
        try validate()
        let places = try selection.resolve(in: model).compactMap { site -> VeRAWeights.Place? in
            guard case .linear(let inputs, let outputs) = site.kind else { return nil }
            return VeRAWeights.Place(site: site, inputs: inputs, outputs: outputs)
        }
        let (inputs, outputs) = (places.map(\.inputs).max() ?? 0, places.map(\.outputs).max() ?? 0)
        // Kaiming's uniform bound √6 / √fan-in, as in peft.
        return VeRAWeights(
            places,
            down: CounterRandom(seed: projectionSeed, purpose: "vera_A")
                .uniform([rank, inputs], bound: (6 / Float(inputs)).squareRoot()),
            up: CounterRandom(seed: projectionSeed, purpose: "vera_B")
                .uniform([outputs, rank], bound: (6 / Float(rank)).squareRoot()),
            initialScale: Float(initialScale),
            dropout: Float(dropout)
        )
    }
}

/// A VeRA recipe that makes no sense.
public enum VeRAError: Error, CustomStringConvertible {
    /// A rank below 1 or above 65,536.
    case rank(Int)
    /// A probability outside [0, 1).
    case dropout(Double)
    /// A start of λ_d that is zero or not finite.
    case initialScale(Double)
    /// Exclusions, which a folder of `peft`'s VeRA cannot name.
    case excluded(String)

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .rank(let rank): "VeRA's rank must be from 1 to 65536, not \(rank)"
        case .dropout(let dropout): "VeRA's dropout must be at least 0 and below 1, not \(dropout)"
        case .excluded(let names):
            "a VeRA's folder cannot leave out modules (\(names)), as peft's VeRA knows no exclusions; name the targets instead"
        case .initialScale(let scale): "VeRA's initial scale must be a finite number other than 0, not \(scale)"
        }
    }
}
