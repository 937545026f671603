/// A place in a data set's files.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
    /// The file or folder as the caller named it.
    public let file: String
    /// The line counted from 1, or nil for the whole file.
    public let line: Int?

    /// A place in `file`.
    public init(file: String, line: Int? = nil) {
        self.file = file
        self.line = line
    }

    /// `file:line`, or the file alone.
    public var description: String {
        line.map { "\(file):\($0)" } ?? file
    }
}
