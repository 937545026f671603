import PEFTAutograd
import PEFTModels
import PEFTTensor

/// What a prefix's table is computed from: P = W₂ tanh(W₁ E + b₁) + b₂.
struct PrefixProjection: Sendable {
    /// E `[virtualTokens, d]`.
    private(set) var embedding: Parameter
    /// W₁ `[h, d]` and b₁ `[h]`.
    private var first: Linear
    /// W₂ `[2·blocks·d, h]` and b₂ `[2·blocks·d]`.
    private var last: Linear

    private struct Linear {
        var weight: Parameter
        var bias: Parameter
    }

    /// What the paths of W₂ and b₂ start with.
    static let lastLinear = "prompt_encoder.transform.2."

    init(
        virtualTokens: Int,
        width: Int,
        hiddenSize: Int,
        outputs: Int,
        _ value: (_ path: String, _ shape: Shape, _ inputs: Int?) -> Tensor
    ) {
        func parameter(_ path: String, _ shape: Shape, inputs: Int?) -> Parameter {
            Parameter(path, value(path, shape, inputs))
        }
        func linear(_ prefix: String, inputs: Int, outputs: Int) -> Linear {
            Linear(
                weight: parameter(prefix + "weight", [outputs, inputs], inputs: inputs),
                bias: parameter(prefix + "bias", [outputs], inputs: inputs)
            )
        }
        embedding = parameter("prompt_encoder.embedding.weight", [virtualTokens, width], inputs: nil)
        first = linear("prompt_encoder.transform.0.", inputs: width, outputs: hiddenSize)
        last = linear(Self.lastLinear, inputs: hiddenSize, outputs: outputs)
    }

    mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        try visit(&embedding)
        try visit(&first.weight)
        try visit(&first.bias)
        try visit(&last.weight)
        try visit(&last.bias)
    }

    /// P in a pass.
    func table(_ context: ForwardContext) -> Variable {
        func linear(_ x: Variable, _ map: Linear) -> Variable {
            context.tape.linear(x, weight: context.variable(map.weight), bias: context.variable(map.bias))
        }
        return linear(context.tape.activation(.tanh, linear(context.variable(embedding), first)), last)
    }

    /// P by itself.
    func table() -> Tensor {
        table(ForwardContext(tape: Tape(pool: BufferPool(), isRecording: false), adapter: nil)).value
    }
}
