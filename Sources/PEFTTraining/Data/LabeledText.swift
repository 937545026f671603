/// A text to learn from or to judge.
public struct LabeledText: Sendable, Hashable {
    /// The text as the file has it.
    public var text: String
    /// The class as the file has it, a name or an integer, or the number of a regression; nil for a text that is only to be judged.
    public var label: String?
    /// The name of the adapter that judges the text; nil for none, or where nobody asked.
    public var adapter: String?

    /// A text with its label, if it has one.
    public init(text: String, label: String? = nil, adapter: String? = nil) {
        self.text = text
        self.label = label
        self.adapter = adapter
    }
}
