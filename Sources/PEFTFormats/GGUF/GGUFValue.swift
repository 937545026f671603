/// Where an entry of the metadata lies in the file; checked to be whole, and read when somebody asks for it.
struct GGUFValue: Sendable {
    /// Its type; that of the elements for an array.
    let type: GGUFValueType
    /// Whether it is an array.
    let isArray: Bool
    /// The number of elements; 1 for anything but an array.
    let count: Int
    /// The bytes of the value, or of all elements.
    let byteRange: Range<Int>

    /// As errors name it.
    var description: String { isArray ? "an array of \(type)" : "\(type)" }

    /// Moves past a value of a type that follows.
    init(_ cursor: inout GGUFCursor) throws(GGUFError) {
        let outer = try Self.type(&cursor)
        guard outer == .array else {
            (type, isArray, count) = (outer, false, 1)
            byteRange = try Self.skip(outer, count: 1, &cursor, depth: 0)
            return
        }
        (type, isArray) = (try Self.type(&cursor), true)
        let elements = try cursor.integer(UInt64.self, "the number of elements")
        byteRange = try Self.skip(type, count: elements, &cursor, depth: 0)
        // Each element has bytes, so that there are not too many.
        count = Int(elements)
    }

    private static let maximumDepth = 8

    private static func type(_ cursor: inout GGUFCursor) throws(GGUFError) -> GGUFValueType {
        let offset = cursor.offset
        let number = try cursor.integer(UInt32.self, "the type of a value")
        guard let type = GGUFValueType(number: number) else {
            throw cursor.fault("\(number) is no type of a value; the types are 0 to 12", at: offset)
        }
        return type
    }

    /// Moves past `count` values of one type.
    private static func skip(
        _ type: GGUFValueType,
        count: UInt64,
        _ cursor: inout GGUFCursor,
        depth: Int
    ) throws(GGUFError) -> Range<Int> {
        if let size = type.size {
            let range = try cursor.skip(count, of: size, count == 1 ? "a value" : "\(count) values of type \(type)")
            if type == .bool { try requireTruthValues(range, cursor) }
            return range
        }
        let first = cursor.offset
        // No value is shorter than its length: a count that cannot be is found before it is counted to.
        guard count <= UInt64(cursor.remaining / 8) else {
            throw cursor.fault("\(count) values of type \(type) do not fit the \(cursor.remaining) bytes that are left")
        }
        for _ in 0..<count {
            if type == .string {
                try cursor.skipString("a string")
            } else {
                guard depth < maximumDepth else { throw cursor.fault("arrays are nested deeper than \(maximumDepth)") }
                let inner = try Self.type(&cursor)
                let elements = try cursor.integer(UInt64.self, "the number of elements")
                _ = try skip(inner, count: elements, &cursor, depth: depth + 1)
            }
        }
        return first..<cursor.offset
    }

    private static func requireTruthValues(_ range: Range<Int>, _ cursor: GGUFCursor) throws(GGUFError) {
        for offset in range where cursor.bytes[offset] > 1 {
            throw cursor.fault("\(cursor.bytes[offset]) is no truth value; those are 0 and 1", at: offset)
        }
    }
}
