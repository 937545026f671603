/// A text, or a pair of texts, as a model reads it.
///
/// There is no padding and hence no attention mask: a batch lays encodings end to end.
public struct Encoding: Sendable, Hashable {
    /// The ids of the tokens, special tokens included.
    public let ids: [Int32]
    /// For each token the segment it belongs to: 0 for the first text and its special tokens, 1 for the second.
    public let typeIDs: [Int32]

    /// An encoding of its parts.
    ///
    /// - Precondition: both have the same count.
    public init(ids: [Int32], typeIDs: [Int32]) {
        precondition(ids.count == typeIDs.count, "\(ids.count) ids cannot have \(typeIDs.count) type ids")
        self.ids = ids
        self.typeIDs = typeIDs
    }

    /// The number of tokens.
    public var count: Int { ids.count }
}
