/// A checkpoint whose files cannot be used: none of a readable format, or shards that contradict their index.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
    /// The folder or file.
    public let path: String
    /// What is wrong, each with its place.
    public let reasons: [String]

    /// An error with one or more reasons.
    public init(path: String, reasons: [String]) {
        self.path = path
        self.reasons = reasons
    }

    /// The path and the reasons; more than one get a line each.
    public var description: String {
        reasons.count == 1
            ? "\(path): \(reasons[0])"
            : "\(path) is inconsistent in \(reasons.count) places:" + reasons.map { "\n  " + $0 }.joined()
    }
}
