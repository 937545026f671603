/// The sizes that decide the arithmetic of an encoder's block and of one worker's shard of a batch.
public struct EncoderShape: Sendable {
    /// What the model is called.
    public let name: String
    /// The width of the residual stream.
    public let width: Int
    /// The width of the feed-forward's hidden layer.
    public let feedForwardWidth: Int
    /// The number of attention heads.
    public let heads: Int
    /// Sequences of the shard.
    public let sequences: Int
    /// Tokens of each sequence.
    public let length: Int

    /// A shape of your own.
    ///
    /// - Precondition: `heads` divides `width`.
    public init(name: String, width: Int, feedForwardWidth: Int, heads: Int, sequences: Int, length: Int) {
        precondition(width % heads == 0, "\(heads) heads do not divide a width of \(width)")
        self.name = name
        self.width = width
        self.feedForwardWidth = feedForwardWidth
        self.heads = heads
        self.sequences = sequences
        self.length = length
    }

    /// MiniLM's block over 8 of 16 sequences of 128 tokens: what one of two workers computes.
    public static let miniLM = EncoderShape(
        name: "MiniLM",
        width: 384,
        feedForwardWidth: 1536,
        heads: 12,
        sequences: 8,
        length: 128
    )

    /// BERT-base's block over 4 of 8 sequences of 128 tokens: what one of two workers computes.
    public static let bertBase = EncoderShape(
        name: "BERT-base",
        width: 768,
        feedForwardWidth: 3072,
        heads: 12,
        sequences: 4,
        length: 128
    )

    /// The same block over sequences of another length.
    public func withLength(_ length: Int) -> EncoderShape {
        EncoderShape(
            name: name,
            width: width,
            feedForwardWidth: feedForwardWidth,
            heads: heads,
            sequences: sequences,
            length: length
        )
    }

    var tokens: Int { sequences * length }
    var headWidth: Int { width / heads }
}
