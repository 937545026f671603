/// How many times narrower than the model a bottleneck is, for all blocks or block by block.
///
/// ```swift
/// let everywhere: ReductionFactor = 16
/// let wideInTheLast = ReductionFactor(16, blocks: [11: 4])
/// ```
public struct ReductionFactor: Codable, Sendable, Equatable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// The factor of blocks that have none of their own; nil when each has.
    public let standard: Double?
    /// The factors of single blocks, by the blocks' numbers from 0 on.
    public let blocks: [Int: Double]

    /// A factor, and others for some blocks; below 1, a bottleneck is wider than the model.
    public init(_ standard: Double?, blocks: [Int: Double] = [:]) {
        self.standard = standard
        self.blocks = blocks
    }

    /// The same factor in every block.
    public init(integerLiteral value: Int) { self.init(Double(value)) }

    /// The same factor in every block.
    public init(floatLiteral value: Double) { self.init(value) }

    /// More than the width of any layer; a factor that asks for more would only exhaust the memory.
    private static let widths = 1...65_536

    /// - Throws: ``BottleneckError`` for the first factor that is not positive or no number.
    func validate() throws(BottleneckError) {
        let factors = (standard.map { [$0] } ?? []) + blocks.sorted { $0.key < $1.key }.map(\.value)
        if let bad = factors.first(where: { !$0.isFinite || $0 <= 0 }) { throw .reductionFactor(bad) }
    }

    /// ⌊width / factor⌋, the width of the bottleneck in a block.
    ///
    /// - Throws: ``BottleneckError`` when the block has no factor, or its factor leaves no width.
    func bottleneck(ofWidth width: Int, block: Int) throws(BottleneckError) -> Int {
        guard let factor = blocks[block] ?? standard else { throw .noReductionFactor(block: block) }
        // As Python's `//` divides: the quotient of the nearest doubles may be rounded up to the next whole number.
        let remainder = Double(width).truncatingRemainder(dividingBy: factor)
        let quotient = ((Double(width) - remainder) / factor).rounded()
        guard let bottleneck = Int(exactly: quotient), Self.widths.contains(bottleneck) else {
            throw .bottleneckWidth(factor: factor, width: width, block: block)
        }
        return bottleneck
    }
}
