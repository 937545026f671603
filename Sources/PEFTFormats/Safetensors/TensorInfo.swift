import PEFTTensor

/// One tensor's record in the header: well-formed, its size not yet compared with its shape.
struct TensorInfo {
    let type: ElementType
    private let extents: [UInt64]
    let begin: UInt64
    let end: UInt64

    init(_ record: JSONReader) throws(JSONError) {
        // Anything more would change what the bytes mean in a way this reader does not know.
        let unknown = try record.unknownKeys(besides: ["dtype", "shape", "data_offsets"])
        if let key = unknown.first {
            throw record.error(expected: "dtype, shape and data_offsets only", found: "the key " + key.quoted)
        }
        let name = try record["dtype"]
        guard let type = ElementType(bytes: try name.string()) else {
            throw name.error(expected: "a type of safetensors, as in \"F32\"")
        }
        self.type = type
        extents = try TensorInfo.integers(record["shape"])
        let offsets = try record["data_offsets"]
        let bounds = try TensorInfo.integers(offsets)
        guard bounds.count == 2 else { throw offsets.error(expected: "two offsets") }
        begin = bounds[0]
        end = bounds[1]
    }

    /// The extents; to be asked only when there is no ``fault``.
    var shape: Shape { Shape(extents.map { Int($0) }) }

    /// Why the offsets do not fit type and shape, or nil.
    var fault: String? {
        guard begin <= end else { return "its data would begin at byte \(begin) and end before, at \(end)" }
        // Zeros are left out, so that a product over some of the extents cannot overflow later either.
        var count: UInt64 = 1
        for extent in extents where extent > 0 {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= UInt64(Int.max) else {
                return "shape \(extents) has more elements than can be counted"
            }
            count = product
        }
        if extents.contains(0) { count = 0 }
        let (bits, overflow) = count.multipliedReportingOverflow(by: UInt64(type.bits))
        guard !overflow else { return "\(count) elements of \(type) have more bits than can be counted" }
        guard bits.isMultiple(of: 8) else { return "\(count) elements of \(type) do not fill whole bytes" }
        guard bits / 8 == end - begin else {
            return "shape \(extents) of \(type) needs \(bits / 8) bytes, but its offsets span \(end - begin)"
        }
        return nil
    }

    func precedes(_ other: TensorInfo) -> Bool {
        (begin, end) < (other.begin, other.end)
    }

    private static func integers(_ array: JSONReader) throws(JSONError) -> [UInt64] {
        var integers: [UInt64] = []
        for element in try array.elements() {
            guard case .number(let number) = element.value, let integer = number.uint64 else {
                throw element.error(expected: "an integer of at least 0")
            }
            integers.append(integer)
        }
        return integers
    }
}

extension ElementType {
    /// The type whose name has exactly these bytes.
    fileprivate init?(bytes name: String) {
        guard let type = ElementType(rawValue: name), type.rawValue.hasSameBytes(as: name) else { return nil }
        self = type
    }
}
