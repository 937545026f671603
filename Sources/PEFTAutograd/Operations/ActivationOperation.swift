internal import CKernels
import PEFTTensor

/// An element-wise non-linearity.
public enum Activation: String, Codable, Sendable, CaseIterable {
    /// x Φ(x), exact (Hendrycks & Gimpel 2016).
    case gelu
    /// ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))).
    case geluTanh
    /// max(x, 0).
    case relu
    /// x / (1 + e⁻ˣ), also called swish.
    case silu
    /// tanh x.
    case tanh

    var kernel: PEFTActivation {
        switch self {
        case .gelu: PEFT_GELU
        case .geluTanh: PEFT_GELU_TANH
        case .relu: PEFT_RELU
        case .silu: PEFT_SILU
        case .tanh: PEFT_TANH
        }
    }
}

extension Tape {
    /// y = f(x), element by element.
    ///
    /// Saved: f′(x), which takes the place of x when nobody else looks at x; backward is one multiplication.
    public func activation(_ kind: Activation, _ x: consuming Variable) -> Variable {
        let y = allocate(x.shape)
        guard x.isTracked else {
            peft_activation(kind.kernel, y.mutablePointer, x.value.pointer, y.count)
            return Variable(y)
        }
        let source = x.target
        let derivative = x.takingValue().uniquelyOwned(pool: pool)
        peft_activation_keep(kind.kernel, y.mutablePointer, derivative.mutablePointer, y.count)
        return record(y, from: [Variable(y, node: source.node)]) { dy, tape in
            tape.accumulate(tape.product(consume dy, inPlaceOf: derivative), into: source)
        }
    }

    /// dy ⊙ f′ in the place of f′, which nobody reads again; dy is given up, so that both are not held at once.
    func product(_ dy: consuming Tensor, inPlaceOf derivative: Tensor) -> Tensor {
        Kernels.multiply(dy, derivative, into: derivative)
        return derivative
    }
}
