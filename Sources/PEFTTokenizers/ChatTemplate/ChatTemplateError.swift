/// Why a chat template cannot be read, or not be filled with these messages.
public struct ChatTemplateError: Error, Hashable, CustomStringConvertible {
    /// What the template is called.
    public let name: String
    /// The line of the template, counted from 1.
    public let line: Int
    /// What is wrong.
    public let problem: String
    /// Whether the template itself refused what it was given, by `raise_exception`.
    public let isRefusal: Bool

    init(name: String, line: Int, problem: String, isRefusal: Bool = false) {
        self.name = name
        self.line = line
        self.problem = problem
        self.isRefusal = isRefusal
    }

    /// One line: the template, its line, and the problem.
    public var description: String {
        "\(name):\(line): \(isRefusal ? "the template refuses this: " : "")\(problem)"
    }
}
