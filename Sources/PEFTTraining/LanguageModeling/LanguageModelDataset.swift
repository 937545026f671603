/// Documents in the order of their file, each knowing where it came from.
public struct LanguageModelDataset: Sendable, RandomAccessCollection {
    /// The documents in order.
    public let documents: [LanguageModelDocument]
    let origin: TextDataset.Origin

    /// A data set made in memory.
    public init(_ documents: [LanguageModelDocument]) {
        self.init(documents, origin: .memory)
    }

    init(_ documents: [LanguageModelDocument], origin: TextDataset.Origin) {
        self.documents = documents
        self.origin = origin
    }

    /// The position of the first document.
    public var startIndex: Int { 0 }

    /// The position past the last document.
    public var endIndex: Int { documents.count }

    /// The document at `position`.
    public subscript(position: Int) -> LanguageModelDocument { documents[position] }

    /// The place that the document at `position` was read from; nil if the data set was made in memory.
    public func location(of position: Int) -> SourceLocation? { origin.location(of: position) }
}
