/// What somebody says in a conversation.
public struct ChatMessage: Sendable, Hashable {
    /// Who says it, for instance `user`, `assistant` or `system`.
    public let role: String
    /// What is said.
    public let content: String

    /// A message of somebody.
    public init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}
