public import PEFTFormats

/// What somebody says in a conversation.
public struct ChatMessage: Sendable, Equatable {
    /// Who says it: `system`, `user`, `assistant`, or what else a template knows.
    public var role: String
    /// What is said.
    public var content: String
    /// What else the template may ask of a message, such as `tool_calls`.
    public var extra: [String: JSONValue]

    /// A message.
    public init(role: String, content: String, extra: [String: JSONValue] = [:]) {
        self.role = role
        self.content = content
        self.extra = extra
    }

    /// The message as templates see it.
    var json: JSONValue {
        var object: JSONObject = ["role": .string(role), "content": .string(content)]
        for (key, value) in extra.sorted(by: { $0.key.precedesByBytes($1.key) }) { object[key] = value }
        return .object(object)
    }
}
