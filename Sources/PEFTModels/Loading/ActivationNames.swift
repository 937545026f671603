import PEFTAutograd
import PEFTFormats

/// What `transformers` calls non-linearities.
enum ActivationNames {
    private static let known: [String: Activation] = [
        "gelu": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "relu": .relu, "silu": .silu,
        "swish": .silu,
    ]

    /// The non-linearity in an entry of `config.json`; `standard` when it is not there.
    static func read(_ json: JSONReader, or standard: Activation) throws -> Activation {
        guard let name = json.ifPresent else { return standard }
        guard let activation = known[try name.string()] else {
            throw name.error(
                expected: "one of " + known.keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            )
        }
        return activation
    }
}

extension JSONReader {
    /// A probability in an entry of `config.json`; nil when it is not there.
    func probability() throws -> Float? {
        try ifPresent.map { try Float($0.double(in: 0...0.999)) }
    }
}
