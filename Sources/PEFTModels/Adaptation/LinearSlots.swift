public import PEFTAutograd

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
}

/// Another way to compute a linear map's product.
public protocol LinearProduct: Sendable {
    /// The product for x `[rows, inputs]` and the frozen W `[outputs, inputs]`, without bias: `[rows, outputs]`.
    func product(_ x: Variable, weight: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable
}

/// s · B A dropout(x), the delta that linear maps fuse with their own product.
public struct LowRankDelta: LinearDelta {
    /// A `[rank, inputs]`.
    public let down: Parameter
    /// B `[outputs, rank]`.
    public let up: Parameter
    /// s.
    public let scale: Float
    /// The probability with which an element of x is dropped in training.
    public let dropout: Float

    /// The delta s · B A dropout(x).
    public init(down: Parameter, up: Parameter, scale: Float, dropout: Float = 0) {
        self.down = down
        self.up = up
        self.scale = scale
        self.dropout = dropout
    }

    package func term(rows: TokenRows, _ context: ForwardContext) -> LowRankTerm {
        LowRankTerm(
            a: context.variable(down),
            b: context.variable(up),
            scale: scale,
            dropout: context.dropout(rate: dropout, purpose: down.path, rows: rows)
        )
    }

    /// s · B A dropout(x) as an operation of its own; linear maps fuse it instead.
    public func delta(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        let term = term(rows: rows, context)
        let hidden = context.tape.product(context.tape.dropout(x, term.dropout), transposed: term.a)
        return context.tape.product(hidden, transposed: term.b, scale: scale)
    }
}
