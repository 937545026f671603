import PEFTTensor

/// One tensor's record: well-formed, its place not yet compared with the file.
struct GGUFTensorRecord {
    let name: String
    /// Where the record begins.
    let start: Int
    private let type: StoredType
    private let shape: Shape
    private let byteCount: Int
    /// Where the elements begin, counted from the first of all tensors.
    private let begin: UInt64
    private let beginOffset: Int

    private static let maximumRank = 4

    init(_ cursor: inout GGUFCursor, position: Int, alignment: Int) throws(GGUFError) {
        start = cursor.offset
        name = try cursor.string("the name of tensor \(position)")
        cursor.place = .tensor(name)
        let rankOffset = cursor.offset
        let rank = try cursor.integer(UInt32.self, "the number of dimensions")
        guard rank <= Self.maximumRank else {
            throw cursor.fault("it has \(rank) dimensions; there are at most \(Self.maximumRank)", at: rankOffset)
        }
        let shapeOffset = cursor.offset
        var extents: [UInt64] = []
        for _ in 0..<rank { extents.insert(try cursor.integer(UInt64.self, "a dimension"), at: 0) }
        let typeOffset = cursor.offset
        let number = try cursor.integer(UInt32.self, "the type")
        guard let type = StoredType(ggml: number) else {
            throw cursor.fault(
                "its type \(number), \(StoredType.ggmlName(number)), is not read here; take a file with "
                    + StoredType.ggmlNames.joined(separator: ", "),
                at: typeOffset
            )
        }
        self.type = type
        switch Self.size(extents, type) {
        case .success(let size): byteCount = size
        case .failure(let fault): throw cursor.fault(fault.reason, at: shapeOffset)
        }
        shape = Shape(extents.map { Int($0) })
        beginOffset = cursor.offset
        begin = try cursor.integer(UInt64.self, "the place of the elements")
        guard begin.isMultiple(of: UInt64(alignment)) else {
            throw cursor.fault(
                "its elements begin at \(begin), no multiple of the alignment \(alignment)",
                at: beginOffset
            )
        }
    }

    /// The record with its place in the file.
    ///
    /// - Parameters:
    ///   - end: where the last record ends.
    ///   - padding: the bytes between there and the first tensor.
    func entry(from end: Int, padding: Int, _ cursor: GGUFCursor) throws(GGUFError) -> GGUFEntry {
        let available = max(0, cursor.bytes.count - end - padding)
        guard begin <= UInt64(available), byteCount <= available - Int(begin) else {
            throw GGUFError(
                path: cursor.path,
                place: .tensor(name),
                offset: beginOffset,
                reason: "its \(byteCount) bytes begin at \(begin) of the data, of which the file holds \(available); "
                    + "it is cut off or damaged: copy or download it again"
            )
        }
        // An empty tensor may be all there is of a file that ends before the padding.
        let first = byteCount == 0 ? min(end + padding + Int(begin), cursor.bytes.count) : end + padding + Int(begin)
        return GGUFEntry(name: name, type: type, shape: shape, byteRange: first..<(first + byteCount))
    }

    private struct Fault: Error {
        let reason: String
    }

    /// The bytes of a tensor, if they can be counted.
    private static func size(_ extents: [UInt64], _ type: StoredType) -> Result<Int, Fault> {
        // Zeros are left out, so that a product over some of the extents cannot overflow later either.
        var count: UInt64 = 1
        for extent in extents where extent > 0 {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= UInt64(Int.max) else {
                return .failure(Fault(reason: "shape \(extents) has more elements than can be counted"))
            }
            count = product
        }
        let width = extents.last ?? 1
        guard width.isMultiple(of: UInt64(type.blockLength)) else {
            let reason = "rows of \(width) elements are no whole blocks of \(type.blockLength), as \(type) has them"
            return .failure(Fault(reason: reason))
        }
        guard !extents.contains(0) else { return .success(0) }
        let (bytes, overflow) = (count / UInt64(type.blockLength)).multipliedReportingOverflow(
            by: UInt64(type.blockBytes)
        )
        guard !overflow, bytes <= UInt64(Int.max) else {
            return .failure(Fault(reason: "\(count) elements of \(type) have more bytes than can be counted"))
        }
        return .success(Int(bytes))
    }
}
