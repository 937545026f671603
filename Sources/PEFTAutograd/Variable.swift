public import PEFTTensor

/// A value in a computation: a tensor, and its place on the tape when a gradient may flow back through it.
public struct Variable {
    /// The value itself.
    public let value: Tensor
    let node: Int?

    /// A constant: no gradient flows into it.
    public init(_ value: Tensor) {
        self.value = value
        node = nil
    }

    init(_ value: Tensor, node: Int?) {
        self.value = value
        self.node = node
    }

    /// Whether a gradient flows back through this value.
    public var isTracked: Bool { node != nil }

    /// The extents of the value.
    public var shape: Shape { value.shape }
}

/// Where a gradient goes: a variable's place on the tape without its value, so that a recorded operation keeps alive
/// only the activations that its backward pass reads.
package struct GradientTarget {
    let node: Int?
    package let shape: Shape

    package var isTracked: Bool { node != nil }
}

extension Variable {
    /// The value, given up by the variable: nobody else looks at its memory when the variable was the only one.
    consuming func takingValue() -> Tensor { value }

    package var target: GradientTarget { GradientTarget(node: node, shape: value.shape) }
}
