package import TextFiles

/// A data set that can't be used as it is: where, what is wrong, and what to do about it.
public struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, and the line if the problem has one; nil for a data set made in memory.
    public let location: SourceLocation?
    /// What is wrong and what to do, without the place.
    public let problem: String

    /// A problem at `location`.
    public init(at location: SourceLocation?, problem: String) {
        self.location = location
        self.problem = problem
    }

    package init(_ error: TextFileError) {
        self.init(at: SourceLocation(file: error.path, line: error.line), problem: error.problem)
    }

    /// One sentence, led by the place.
    public var description: String {
        location.map { "\($0): \(problem)" } ?? problem
    }
}
