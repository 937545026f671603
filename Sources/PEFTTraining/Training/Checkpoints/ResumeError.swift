/// A checkpoint that a run cannot go on from.
public enum ResumeError: Error, Equatable, CustomStringConvertible {
    /// Something that is no checkpoint, or not as it was written.
    case damaged(String, reason: String)
    /// The checkpoint of another run, and what is different.
    case otherRun(String, differences: [String])

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .damaged(let path, let reason):
            "\(path) is no whole checkpoint: \(reason)"
        case .otherRun(let path, let differences):
            "\(path) is of another run: \(differences.joined(separator: "; ")). Resume with what it was trained with, "
                + "or start anew"
        }
    }
}
