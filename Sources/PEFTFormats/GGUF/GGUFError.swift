/// A GGUF file that breaks a rule of the format, or holds something that cannot be read as asked.
public struct GGUFError: Error, Equatable, CustomStringConvertible {
    /// What in the file is at fault.
    public enum Place: Sendable, Equatable {
        /// The file as a whole.
        case file
        /// An entry of the metadata.
        case key(String)
        /// A tensor.
        case tensor(String)
    }

    /// The file.
    public let path: String
    /// What in it is at fault.
    public let place: Place
    /// The byte at which the fault lies, counted from the start of the file; nil where there is no such byte.
    public let offset: Int?
    /// What is wrong, what was expected, and what helps if that is known.
    public let reason: String

    /// An error about the whole file, if `place` names nothing in it.
    public init(path: String, place: Place = .file, offset: Int? = nil, reason: String) {
        self.path = path
        self.place = place
        self.offset = offset
        self.reason = reason
    }

    /// One sentence with the file, the place in it and the byte.
    public var description: String {
        let name =
            switch place {
            case .file: ""
            case .key(let key): "key \(key.quoted): "
            case .tensor(let tensor): "tensor \(tensor.quoted): "
            }
        return "\(path): " + name + reason + (offset.map { " (at byte \($0))" } ?? "")
    }
}
