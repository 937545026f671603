public import PEFTModels

extension Parameter {
    /// Whether weight decay applies to it: to all but biases and the scales of norms.
    public var isDecayed: Bool {
        !path.hasSuffix(".bias") && !path.hasSuffix("Norm.weight")
    }
}
