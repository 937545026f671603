/// An immutable, dense, row-major array of 32-bit floats, or of blocks that stand for them (``isEncoded``).
///
/// Copies share memory. Changing one through ``withUnsafeMutableFloats(_:)`` copies first unless nobody else looks at
/// the memory, so a tensor is a value like an array.
public struct Tensor: Sendable {
    /// The extents; the elements lie row-major.
    public let shape: Shape
    package private(set) var storage: Storage
    package private(set) var offset: Int

    package init(shape: Shape, storage: Storage, offset: Int = 0) {
        precondition(offset >= 0 && offset + shape.count <= storage.count, "a tensor lies within its storage")
        if let type = storage.blocks?.type {
            let isWhole = type.fits(shape) && offset.isMultiple(of: type.blockLength)
            precondition(isWhole, "\(shape) from element \(offset) on is not made of whole blocks (\(type))")
        }
        self.shape = shape
        self.storage = storage
        self.offset = offset
    }

    /// Uninitialised memory from `pool`, for a kernel to write.
    package init(uninitialized shape: Shape, pool: BufferPool = .shared) {
        self.init(shape: shape, storage: Storage(count: shape.count, pool: pool))
    }

    /// A tensor of `elements` in row-major order.
    ///
    /// - Precondition: `elements.count == shape.count`.
    public init(_ shape: Shape, _ elements: [Float]) {
        precondition(elements.count == shape.count, "\(elements.count) elements do not fill shape \(shape)")
        self.init(uninitialized: shape)
        storage.base.update(from: elements, count: elements.count)
    }

    /// A tensor whose elements are all `element`.
    public init(repeating element: Float, _ shape: Shape) {
        self.init(uninitialized: shape)
        storage.base.update(repeating: element, count: shape.count)
    }

    /// All zeros.
    public static func zeros(_ shape: Shape) -> Tensor { Tensor(repeating: 0, shape) }

    /// All ones.
    public static func ones(_ shape: Shape) -> Tensor { Tensor(repeating: 1, shape) }

    /// The number of elements.
    public var count: Int { shape.count }

    /// The elements, copied out in row-major order.
    public var elements: [Float] { withUnsafeFloats { Array($0) } }

    /// Reads the elements, row-major: in place, or as a temporary copy if they are encoded.
    public func withUnsafeFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        // From a pool of its own, which goes with it.
        guard !isEncoded else { return try copied(pool: BufferPool()).withUnsafeFloats(body) }
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(start: storage.base + offset, count: count))
    }

    /// Writes the elements in place, after copying them if anybody else looks at them.
    public mutating func withUnsafeMutableFloats<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        if storage.isBorrowed || !isKnownUniquelyReferenced(&storage) {
            storage = copied().storage
            offset = 0
        } else {
            storage.forgetPacked()
        }
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeMutableBufferPointer(start: storage.base + offset, count: count))
    }

    /// The address of the first element; valid while this tensor is alive.
    ///
    /// - Precondition: the elements are not encoded.
    package var pointer: UnsafePointer<Float> { UnsafePointer(mutablePointer) }

    /// The address of the first element, for the kernel that fills a tensor nobody else has seen yet.
    ///
    /// - Precondition: the elements are not encoded.
    package var mutablePointer: UnsafeMutablePointer<Float> {
        precondition(!isEncoded, "\(shape) is encoded and has no floats in memory; expand it first")
        return storage.base + offset
    }

    /// Where the elements begin, whatever they are; two tensors of one shape that begin at one place are the same.
    package var address: UnsafeRawPointer {
        guard let blocks = storage.blocks else { return UnsafeRawPointer(storage.base + offset) }
        return blocks.base + blocks.type.bytes(for: offset)
    }

    /// The same elements under another shape of the same count.
    public func reshaped(_ shape: Shape) -> Tensor {
        precondition(shape.count == count, "\(self.shape) cannot be seen as \(shape)")
        return Tensor(shape: shape, storage: storage, offset: offset)
    }

    /// Rows `range` of the outermost dimension, sharing memory.
    ///
    /// - Precondition: the rows exist.
    public func rows(_ range: Range<Int>) -> Tensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= shape[0], "rows \(range) of a tensor \(shape)")
        let width = shape.dimensions.dropFirst().reduce(1, *)
        return Tensor(
            shape: Shape([range.count] + shape.dimensions.dropFirst()),
            storage: storage,
            offset: offset + range.lowerBound * width
        )
    }

    /// This tensor if nobody else looks at its memory, otherwise a copy from `pool`: what may be written in place.
    package consuming func uniquelyOwned(pool: BufferPool) -> Tensor {
        if !storage.isBorrowed && isKnownUniquelyReferenced(&storage) {
            storage.forgetPacked()
            return self
        }
        return copied(pool: pool)
    }
}
