/// A safetensors file that breaks a rule of the format, or a tensor in it that cannot be read as asked.
public struct SafetensorsError: Error, Equatable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The tensor at fault, or nil if it is the file as a whole.
    public let tensor: String?
    /// What is wrong, what was expected, and what helps if that is known.
    public let reason: String

    /// An error about a tensor, or about the whole file if `tensor` is nil.
    public init(path: String, tensor: String? = nil, reason: String) {
        self.path = path
        self.tensor = tensor
        self.reason = reason
    }

    /// One sentence with the file and the tensor.
    public var description: String {
        if let tensor { "\(path): tensor \(tensor.quoted): \(reason)" } else { "\(path): \(reason)" }
    }
}
