/// Texts with their labels, in the order of their file, each knowing where it came from.
public struct TextDataset: Sendable, RandomAccessCollection {
    /// Where examples come from.
    enum Origin: Sendable {
        case memory
        /// One file, each example starting on its line.
        case lines(file: String, [Int])
        /// A file for each example.
        case files([String])

        /// The place of the example at `position`; nil in memory.
        func location(of position: Int) -> SourceLocation? {
            switch self {
            case .memory: nil
            case .lines(let file, let lines): SourceLocation(file: file, line: lines[position])
            case .files(let files): SourceLocation(file: files[position])
            }
        }
    }

    /// The examples in order.
    public let examples: [LabeledText]
    let origin: Origin

    /// A data set made in memory.
    public init(_ examples: [LabeledText]) {
        self.init(examples, origin: .memory)
    }

    init(_ examples: [LabeledText], origin: Origin) {
        self.examples = examples
        self.origin = origin
    }

    /// The position of the first example.
    public var startIndex: Int { 0 }

    /// The position past the last example.
    public var endIndex: Int { examples.count }

    /// The example at `position`.
    public subscript(position: Int) -> LabeledText { examples[position] }

    /// The place that the example at `position` was read from; nil if the data set was made in memory.
    public func location(of position: Int) -> SourceLocation? { origin.location(of: position) }
}
