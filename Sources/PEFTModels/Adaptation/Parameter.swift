public import PEFTTensor

/// A tensor with its identity.
///
/// The path keys gradients, optimizer state and files: it is the name that Python's `state_dict` gives the tensor.
public struct Parameter: Sendable {
    /// The identity, for instance `bert.encoder.layer.0.attention.self.query.lora_A.weight`.
    public let path: String
    /// The current value.
    public var value: Tensor

    /// A parameter of the given identity and value.
    public init(_ path: String, _ value: Tensor) {
        self.path = path
        self.value = value
    }

    /// The parameter with floats in memory, as training needs it.
    package var expanded: Parameter { Parameter(path, value.expanded()) }
}
