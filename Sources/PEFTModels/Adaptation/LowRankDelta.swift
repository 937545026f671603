public import PEFTAutograd
public import PEFTTensor

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
    /// Whether A and B are trained; an initialisation that takes its start off the base's weight adds it as a second,
    /// frozen delta.
    public let isTrained: Bool

    /// The delta s · B A dropout(x).
    public init(down: Parameter, up: Parameter, scale: Float, dropout: Float = 0, isTrained: Bool = true) {
        self.down = down
        self.up = up
        self.scale = scale
        self.dropout = dropout
        self.isTrained = isTrained
    }

    /// - Parameter part: the rows of a larger matrix that `rows` are; nil when they are all of it.
    package func term(rows: TokenRows, of part: Range<Int>? = nil, _ context: ForwardContext) -> LowRankTerm {
        LowRankTerm(
            a: isTrained ? context.variable(down) : Variable(down.value),
            b: isTrained ? context.variable(up) : Variable(up.value),
            scale: scale,
            dropout: context.dropout(rate: dropout, purpose: down.path, rows: rows),
            rows: part
        )
    }

    /// W + s · B A
    public func merged(into weight: Tensor) -> Tensor? {
        let sum = Tensor(weight.shape, weight.elements)
        multiply(up.value.matrix, down.value.matrix, into: sum.matrix, alpha: scale, beta: 1)
        return sum
    }

    /// s · B A dropout(x) as an operation of its own; linear maps fuse it instead.
    public func delta(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        let term = term(rows: rows, context)
        let hidden = context.tape.product(context.tape.dropout(x, term.dropout), transposed: term.a)
        return context.tape.product(hidden, transposed: term.b, scale: scale)
    }
}
