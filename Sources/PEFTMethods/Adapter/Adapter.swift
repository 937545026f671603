public import PEFTAutograd
public import PEFTModels

/// Bottleneck adapters (Houlsby et al. 2019): o = r + s · (U f(D x + d) + u), in a sub-layer's output.
///
/// D is `[width / reduction factor, width]`, U `[width, width / reduction factor]`, d and u their biases, f the
/// activation. With h the output of a sub-layer, i the residual stream that went into it and norm its own norm:
///
/// | preset | places | x | r | what leaves the sub-layer |
/// |---|---|---|---|---|
/// | ``seqBN`` (Pfeiffer et al. 2021) | feed-forward | norm(h + i) | h | norm(o + i) |
/// | ``doubleSeqBN`` (Houlsby et al. 2019) | attention, feed-forward | h | h | norm(o + i) |
/// | ``parBN`` (He et al. 2022) | feed-forward | i | h | norm(o + i), s = 4 |
/// | ``scaledParBN`` (He et al. 2022) | feed-forward | i | h | norm(o + i), s trained from 1 on |
///
/// The presets, their names and all settings are those of AdapterHub's `adapters`.
///
/// ```swift
/// var method = Adapter.seqBN
/// method.reductionFactor = 8
/// ```
public struct Adapter: AdapterMethod {
    /// `adapter`.
    public static let name = "adapter"

    /// A place in a block.
    public enum Place: String, Codable, Sendable, CaseIterable {
        /// The output of attention.
        case attention
        /// The output of the feed-forward.
        case feedForward
    }

    /// Where the residual around the bottleneck is taken.
    public enum Residual: String, Codable, Sendable, CaseIterable {
        /// The sub-layer's output: r = h.
        case beforeNorm
        /// Between the addition and the norm in front of the bottleneck: r = h + i.
        case afterAddition
        /// What goes into the bottleneck: r = x.
        case afterNorm
    }

    /// s.
    public enum Scale: Codable, Sendable, Equatable {
        /// A fixed number.
        case constant(Double)
        /// One trained number for each adapted place, at the start 1.
        case learned
        /// A trained number for each feature of each adapted place, at the start 1.
        case learnedByFeature
    }

    /// How D and U start; biases start at zero.
    public enum Initialization: String, Codable, Sendable, CaseIterable {
        /// Normal with standard deviation 0.02: nearly the base's own output.
        case bert
        /// D uniform in ±1/√width (Kaiming with a = √5), U zero: the base's own output unless the residual is moved.
        case zeroUp = "mam_adapter"
        /// Normal with standard deviation 0.01, cut off at twice that.
        case truncatedNormal = "houlsby"
    }

    /// The adapted places in each block.
    public var places: Set<Place>
    /// How many times narrower than the model the bottleneck is; it must leave a width of at least 1.
    public var reductionFactor: ReductionFactor
    /// f.
    public var activation: Activation
    /// Whether D reads the residual stream i that goes into the sub-layer instead of its output, and r = h.
    public var isParallel: Bool
    /// s.
    public var scale: Scale
    /// Whether D reads norm(h + i) instead of h; without meaning in parallel.
    public var normalizesInput: Bool
    /// Whether the sub-layer ends with its residual and norm, norm(o + i), instead of with o.
    public var normalizesOutput: Bool
    /// What r is; without meaning in parallel.
    public var residual: Residual
    /// Whether a norm of the adapter's own follows U, before the residual is added.
    public var hasOwnNorm: Bool
    /// Whether the adapter's own norm follows the residual instead; without meaning in parallel.
    public var ownNormIncludesResidual: Bool
    /// The probability with which an element of s · (U … + u) is dropped in training, in [0, 1).
    public var dropout: Double
    /// How D and U start.
    public var initialization: Initialization
    /// The numbers of blocks without adapters.
    public var leftOut: [Int]
    /// Modules that are trained and saved as a whole, by the ends of their names.
    public var savedModules: [String]
    /// What AdapterHub's files call the adapter: the name is part of every tensor's.
    public var fileName: String

    /// A recipe; the defaults are those of `adapters`' `BnConfig`, and ``seqBN``'s where it has none.
    public init(
        places: Set<Place> = [.feedForward],
        reductionFactor: ReductionFactor = 16,
        activation: Activation = .relu,
        isParallel: Bool = false,
        scale: Scale = .constant(1),
        normalizesInput: Bool = false,
        normalizesOutput: Bool = true,
        residual: Residual = .beforeNorm,
        hasOwnNorm: Bool = false,
        ownNormIncludesResidual: Bool = false,
        dropout: Double = 0,
        initialization: Initialization = .bert,
        leftOut: [Int] = [],
        savedModules: [String] = [],
        fileName: String = "default"
    ) {
        self.places = places
        self.reductionFactor = reductionFactor
        self.activation = activation
        self.isParallel = isParallel
        self.scale = scale
        self.normalizesInput = normalizesInput
        self.normalizesOutput = normalizesOutput
        self.residual = residual
        self.hasOwnNorm = hasOwnNorm
        self.ownNormIncludesResidual = ownNormIncludesResidual
        self.dropout = dropout
        self.initialization = initialization
        self.leftOut = leftOut
        self.savedModules = savedModules
        self.fileName = fileName
    }

    /// Behind the feed-forward, reading what its norm gives (Pfeiffer et al. 2021).
    public static let seqBN = Adapter(normalizesInput: true)

    /// Behind attention and feed-forward, with swish (Houlsby et al. 2019).
    public static let doubleSeqBN = Adapter(places: [.attention, .feedForward], activation: .silu)

    /// Beside the feed-forward, with reduction factor 2 and scale 4 (He et al. 2022).
    public static let parBN = Adapter(
        reductionFactor: 2,
        isParallel: true,
        scale: .constant(4),
        initialization: .zeroUp
    )

    /// Beside the feed-forward, with a trained scale (He et al. 2022).
    public static let scaledParBN = Adapter(
        reductionFactor: 2,
        isParallel: true,
        scale: .learned,
        initialization: .zeroUp
    )

    /// This recipe with another reduction factor, as in `Adapter.doubleSeqBN.reduced(by: 8)`.
    public func reduced(by factor: ReductionFactor) -> Adapter {
        var recipe = self
        recipe.reductionFactor = factor
        return recipe
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``BottleneckError`` for the first setting that makes no sense whatever the model.
    public func validate() throws {
        guard !places.isEmpty else { throw BottleneckError.noPlaces }
        try reductionFactor.validate()
        if case .constant(let scale) = scale, !scale.isFinite || scale == 0 { throw BottleneckError.scale(scale) }
        guard dropout >= 0, dropout < 1 else { throw BottleneckError.dropout(dropout) }
        guard residual != .afterAddition || normalizesInput || isParallel else {
            throw BottleneckError.residualWithoutNorm
        }
        guard !fileName.isEmpty, !fileName.contains(".") else { throw BottleneckError.fileName(fileName) }
    }

    /// A bottleneck for every adapted place.
    ///
    /// - Throws: ``BottleneckError`` for a setting that makes no sense or does not fit the model, ``TargetError`` for a
    ///   saved module that the model does not have.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> BottleneckWeights {
        try weights(for: model, seed: seed)
    }

    /// - Parameter seed: nil for zeros, where a file brings the values.
    func weights(for model: some AdaptableModel, seed: UInt64?) throws -> BottleneckWeights {
        try validate()
        let modules = try adaptedSublayers(of: model).map { initialModule($0, seed: seed) }
        return BottleneckWeights(modules, recipe: self)
    }
}
