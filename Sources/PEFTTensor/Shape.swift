/// The extents of a tensor, outermost first; `[]` is a scalar.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// The extents, outermost first.
    public let dimensions: [Int]

    /// A shape of the given extents.
    ///
    /// - Precondition: no dimension is negative.
    public init(_ dimensions: [Int]) {
        precondition(dimensions.allSatisfy { $0 >= 0 }, "a shape has no negative dimension: \(dimensions)")
        self.dimensions = dimensions
    }

    /// The shape `[d0, d1, …]`.
    public init(arrayLiteral dimensions: Int...) {
        self.init(dimensions)
    }

    /// The number of dimensions.
    public var rank: Int { dimensions.count }

    /// The number of elements: the product of the dimensions, 1 for a scalar.
    public var count: Int { dimensions.reduce(1, *) }

    /// The extent along `axis`.
    public subscript(_ axis: Int) -> Int { dimensions[axis] }

    /// The extents in brackets, as in `[768, 3072]`.
    public var description: String {
        "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
    }
}
