public import PEFTModels
import PEFTTensor

/// Prefix-tuning (Li & Liang 2021): in every block, virtual keys and values stand in front of every text's own.
///
/// Attention of block l is softmax(Q [Pₖ; K]ᵀ / √D) [Pᵥ; V] with Pₖ, Pᵥ `[virtualTokens, d]`, where d is the width of
/// the keys. They are columns 2l·d … and (2l + 1)·d … of one table P `[virtualTokens, 2·blocks·d]`, which starts normal
/// with standard deviation 1. With a projection the table is computed from a smaller embedding E `[virtualTokens, d]`:
/// P = W₂ tanh(W₁ E + b₁) + b₂ with W₁ `[h, d]` and W₂ `[2·blocks·d, h]`.
///
/// A text's positions start behind the virtual tokens, so that it may have that many tokens fewer than the model reads.
///
/// ```swift
/// let method = Prefix(virtualTokens: 20)
/// ```
public struct Prefix: AdapterMethod {
    /// `prefix`.
    public static let name = "prefix"

    /// How the table starts, or with a projection its last linear map.
    public enum Initialization: String, Codable, Sendable, CaseIterable {
        /// At random: a table and an embedding normal with standard deviation 1, linear maps uniform in ±1/√inputs.
        case random
        /// Zero, so that the virtual tokens' values add nothing, though they still take their share of attention.
        case zero
    }

    /// The number of virtual tokens, at least 1.
    public var virtualTokens: Int
    /// Whether the table is computed from a smaller embedding.
    public var isProjected: Bool
    /// h, the hidden width of the projection; nil for the width of the keys.
    public var encoderHiddenSize: Int?
    /// How it starts.
    public var initialization: Initialization
    /// Modules that are trained and saved as a whole, by the ends of their names.
    public var savedModules: [String]

    /// A prefix recipe; as in `peft` there is no projection by default.
    public init(
        virtualTokens: Int = 20,
        isProjected: Bool = false,
        encoderHiddenSize: Int? = nil,
        initialization: Initialization = .random,
        savedModules: [String] = []
    ) {
        self.virtualTokens = virtualTokens
        self.isProjected = isProjected
        self.encoderHiddenSize = encoderHiddenSize
        self.initialization = initialization
        self.savedModules = savedModules
    }

    /// More than the width of any layer; a file that asks for more would only exhaust the memory.
    private static let hiddenSizes = 1...65_536

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``VirtualTokenError/count(_:method:)``, ``PrefixError/encoderHiddenSize(_:)``.
    public func validate() throws {
        try VirtualTokenError.check(virtualTokens, of: Self.name)
        if let encoderHiddenSize, !Self.hiddenSizes.contains(encoderHiddenSize) {
            throw PrefixError.encoderHiddenSize(encoderHiddenSize)
        }
    }

    /// A table, or what it is projected from.
    ///
    /// - Throws: ``VirtualTokenError`` when the virtual tokens leave no room for a text, ``PrefixError`` for a model
    ///   whose blocks have no keys and values of one width.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> PrefixWeights {
        let layout = try layout(in: model)
        guard isProjected else {
            let shape: Shape = [virtualTokens, layout.tableWidth]
            let random = CounterRandom(seed: seed, purpose: PromptLearning.table)
            let table = initialization == .zero ? .zeros(shape) : random.normal(shape, standardDeviation: 1)
            return PrefixWeights(table: table, layout: layout)
        }
        let projection = projection(in: layout) { path, shape, inputs in
            let random = CounterRandom(seed: seed, purpose: path)
            guard let inputs else { return random.normal(shape, standardDeviation: 1) }
            let isLast = path.hasPrefix(PrefixProjection.lastLinear)
            guard !(isLast && initialization == .zero) else { return .zeros(shape) }
            return random.uniform(shape, bound: 1 / Float(inputs).squareRoot())
        }
        return PrefixWeights(projection: projection, layout: layout)
    }

    /// Where the columns of the table belong.
    func layout(in model: some AdaptableModel) throws -> PrefixLayout {
        try validate()
        try VirtualTokenError.check(virtualTokens, of: Self.name, in: model)
        return try PrefixLayout(model)
    }

    /// A projection in the shapes of this recipe.
    ///
    /// - Parameter value: gives a tensor for a path and a shape; the number of inputs is nil for the embedding.
    func projection(
        in layout: PrefixLayout,
        _ value: (_ path: String, _ shape: Shape, _ inputs: Int?) -> Tensor
    ) -> PrefixProjection {
        PrefixProjection(
            virtualTokens: virtualTokens,
            width: layout.width,
            hiddenSize: encoderHiddenSize ?? layout.width,
            outputs: layout.tableWidth,
            value
        )
    }
}

/// A prefix that cannot be.
public enum PrefixError: Error, CustomStringConvertible {
    /// A hidden width below 1 or above 65,536.
    case encoderHiddenSize(Int)
    /// A model whose blocks have no keys and values.
    case noKeys
    /// Keys or values of several widths.
    case widths([Int])
    /// A projection and a table that do not belong together.
    case otherProjection(projection: String, table: String, difference: Float)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .encoderHiddenSize(let size):
            "the hidden size of a prefix's projection must be from 1 to 65536, not \(size)"
        case .noKeys:
            "the model's blocks have no projections of keys and values, so that a prefix has no place in it"
        case .widths(let widths):
            "the model's keys and values have several widths (\(widths.map(String.init).joined(separator: ", "))); "
                + "a prefix needs one width"
        case .otherProjection(let projection, let table, let difference):
            "the projection in \(projection) does not give the table in \(table), they differ by up to \(difference): "
                + "they are from different trainings; remove the former to go on with the table alone"
        }
    }
}
