/// Which tokens of a document are to be predicted.
public enum LearntPart: String, Sendable, CaseIterable {
    /// All of them.
    case all
    /// Of a prompt with its completion only the completion, of anything else all: TRL's default.
    case completions
    /// As ``completions``, and of a conversation only what the assistant says: TRL's `assistant_only_loss`.
    case answers
}
