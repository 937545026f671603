public import PEFTAutograd
public import PEFTTensor

/// What is added to an embedding look-up.
public protocol EmbeddingDelta: Sendable {
    /// The term for the looked-up indices: `[indices.count, width]`.
    func delta(_ indices: [Int32], _ context: ForwardContext) -> Variable

    /// The table that makes the term unnecessary; nil when no table can.
    func merged(into table: Tensor) -> Tensor?
}

extension EmbeddingDelta {
    /// No table can: the term cannot be merged.
    public func merged(into table: Tensor) -> Tensor? { nil }
}

/// Rows that stand in front of every sequence's word embeddings, as if they were tokens.
public struct VirtualTokens {
    /// `[count, width]`.
    public let rows: Variable
    /// Whether a pooler reads the first virtual token instead of the first real one.
    public let pooled: Bool

    /// Virtual tokens; `pooled` says whether a pooler reads the first of them.
    public init(rows: Variable, pooled: Bool) {
        self.rows = rows
        self.pooled = pooled
    }
}

/// Keys and values that stand in front of every sequence's own.
public struct VirtualKeysAndValues {
    /// `[count, keyValueHeads · headDimension]`.
    public let keys: Variable
    /// `[count, keyValueHeads · headDimension]`.
    public let values: Variable

    /// Virtual keys and values of one attention.
    public init(keys: Variable, values: Variable) {
        self.keys = keys
        self.values = values
    }
}

/// A change of a sub-layer's output before it meets its residual.
public protocol SublayerAdaptation: Sendable {
    /// Whether what ``adapt(_:input:rows:normalize:_:)`` gives is what leaves the sub-layer, so that the model neither
    /// adds the residual nor normalises; false by default.
    var endsSublayer: Bool { get }

    /// The new output.
    ///
    /// - Parameters:
    ///   - output: what the sub-layer computed, after its dropout, `[rows, width]`.
    ///   - input: the residual stream that went into the sub-layer, `[rows, width]`.
    ///   - rows: which tokens the rows are, for dropout masks.
    ///   - normalize: the sub-layer's own norm with the residual: x ↦ norm(x + input).
    func adapt(
        _ output: Variable,
        input: Variable,
        rows: TokenRows,
        normalize: (Variable) -> Variable,
        _ context: ForwardContext
    ) -> Variable
}

extension SublayerAdaptation {
    /// The model adds the residual and normalises.
    public var endsSublayer: Bool { false }
}
