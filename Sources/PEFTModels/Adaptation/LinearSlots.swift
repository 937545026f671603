public import PEFTAutograd
public import PEFTTensor

/// What an adapter changes in y = W x + b, in four phases that are applied in this order: the input's scale, the product
/// W x, the bias (through ``AdapterWeights/parameter(_:)``), the output's scale.
public struct LinearSlots: Sendable {
    /// What happens to the product W x.
    public enum Product: Sendable {
        /// Something is added to it. Any number of adapters may add.
        case additive([any LinearDelta])
        /// It is computed in another way. Only one adapter can do that.
        case exclusive(any LinearProduct)
    }

    /// Vectors `[inputs]` that multiply the input, all of them.
    public var inputScales: [Parameter]
    /// What happens to the product.
    public var product: Product
    /// Vectors `[outputs]` that multiply the output with its bias, all of them.
    public var outputScales: [Parameter]

    /// By default nothing changes.
    public init(
        inputScales: [Parameter] = [],
        product: Product = .additive([]),
        outputScales: [Parameter] = []
    ) {
        self.inputScales = inputScales
        self.product = product
        self.outputScales = outputScales
    }
}

/// A term that is added to a linear map's product.
public protocol LinearDelta: Sendable {
    /// The term for x `[rows, inputs]`: `[rows, outputs]`.
    ///
    /// - Parameter rows: which tokens the rows of x are, for dropout masks.
    func delta(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable

    /// The weight `[outputs, inputs]` that makes the term unnecessary; nil when no weight can.
    func merged(into weight: Tensor) -> Tensor?
}

extension LinearDelta {
    /// No weight can: the term cannot be merged.
    public func merged(into weight: Tensor) -> Tensor? { nil }
}

/// Another way to compute a linear map's product.
public protocol LinearProduct: Sendable {
    /// The product for x `[rows, inputs]` and the frozen W `[outputs, inputs]`, without bias: `[rows, outputs]`.
    func product(_ x: Variable, weight: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable

    /// The weight `[outputs, inputs]` whose own product is this one; nil when there is none.
    func merged(into weight: Tensor) -> Tensor?
}

extension LinearProduct {
    /// There is none: the product cannot be merged.
    public func merged(into weight: Tensor) -> Tensor? { nil }
}
