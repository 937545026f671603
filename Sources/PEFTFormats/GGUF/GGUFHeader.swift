import PEFTTensor

#if _endian(big)
#error("GGUF files are little-endian and are used in place")
#endif

/// Everything in a GGUF file but the elements of its tensors, checked.
///
/// The file is `GGUF`, a version, the numbers of tensors and of metadata entries, the entries, a record for every tensor, and
/// from the next multiple of the alignment on the elements. Every length is checked before it is believed.
package struct GGUFHeader: Sendable {
    /// The version of the format.
    package let version: Int
    /// What every tensor's place is a multiple of.
    package let alignment: Int
    /// The metadata's keys, in the order of the file.
    package let keys: [String]
    let values: [GGUFValue]
    /// The tensors, in the order of the file.
    package let entries: [GGUFEntry]
    private let keyTable: KeyTable
    private let entryTable: KeyTable

    /// Checks the bytes of a whole file.
    package init(parsing file: UnsafeRawBufferPointer, path: String) throws(GGUFError) {
        var cursor = GGUFCursor(file, path: path)
        version = try Self.version(&cursor)
        let tensorCount = try Self.count(&cursor, "tensors", leastBytes: 24)
        let entryCount = try Self.count(&cursor, "metadata entries", leastBytes: 13)
        (keys, values, keyTable) = try Self.metadata(&cursor, count: entryCount)
        alignment = try Self.alignment(keys, values, cursor)
        (entries, entryTable) = try Self.tensors(&cursor, count: tensorCount, alignment: alignment)
    }

    func value(of key: String) -> GGUFValue? {
        keyTable.position(hash: KeyTable.hash(key)) { keys[$0].hasSameBytes(as: key) }.map { values[$0] }
    }

    func entry(named name: String) -> GGUFEntry? {
        entryTable.position(hash: KeyTable.hash(name)) { entries[$0].name.hasSameBytes(as: name) }.map { entries[$0] }
    }

    private static func version(_ cursor: inout GGUFCursor) throws(GGUFError) -> Int {
        let magic = try cursor.skip(4, of: 1, "its first four bytes")
        guard cursor.bytes[magic].elementsEqual("GGUF".utf8) else {
            throw cursor.fault("it does not begin with GGUF: it is no GGUF file", at: 0)
        }
        let version = try cursor.integer(UInt32.self, "the version")
        if version.byteSwapped < 1 << 16, version != 0 {
            throw cursor.fault("it is a big-endian file; convert the model for little-endian machines", at: 4)
        }
        guard version == 2 || version == 3 else {
            throw cursor.fault(
                "version \(version) of the format is not read, only 2 and 3; convert the model again",
                at: 4
            )
        }
        return Int(version)
    }

    /// A number of things that take at least so many bytes each.
    private static func count(
        _ cursor: inout GGUFCursor,
        _ what: String,
        leastBytes: Int
    ) throws(GGUFError) -> Int {
        let offset = cursor.offset
        let count = try cursor.integer(UInt64.self, "the number of \(what)")
        guard count <= UInt64(cursor.remaining / leastBytes) else {
            throw cursor.fault("\(count) \(what) do not fit the \(cursor.remaining) bytes that follow", at: offset)
        }
        return Int(count)
    }

    private static func metadata(
        _ cursor: inout GGUFCursor,
        count: Int
    ) throws(GGUFError) -> ([String], [GGUFValue], KeyTable) {
        var (keys, values, table) = ([String](), [GGUFValue](), KeyTable())
        for position in 0..<count {
            cursor.place = .file
            let offset = cursor.offset
            let key = try cursor.string("the key of metadata entry \(position)")
            cursor.place = .key(key)
            let hash = KeyTable.hash(key)
            guard table.position(hash: hash, where: { keys[$0].hasSameBytes(as: key) }) == nil else {
                throw cursor.fault("it occurs twice", at: offset)
            }
            table.insert(position: position, hash: hash)
            keys.append(key)
            values.append(try GGUFValue(&cursor))
        }
        cursor.place = .file
        return (keys, values, table)
    }

    private static func alignment(
        _ keys: [String],
        _ values: [GGUFValue],
        _ cursor: GGUFCursor
    ) throws(GGUFError) -> Int {
        let key = "general.alignment"
        guard let position = keys.firstIndex(where: { $0.hasSameBytes(as: key) }) else { return 32 }
        let (value, offset) = (values[position], values[position].byteRange.lowerBound)
        var place = cursor
        place.place = .key(key)
        guard value.type == .uint32, !value.isArray else {
            throw place.fault("it must be uint32, not \(value.description)", at: offset)
        }
        let alignment = UInt32(littleEndian: cursor.bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        guard alignment.nonzeroBitCount == 1 else {
            throw place.fault("an alignment is a power of two, not \(alignment)", at: offset)
        }
        return Int(alignment)
    }

    private static func tensors(
        _ cursor: inout GGUFCursor,
        count: Int,
        alignment: Int
    ) throws(GGUFError) -> ([GGUFEntry], KeyTable) {
        var (records, table) = ([GGUFTensorRecord](), KeyTable())
        for position in 0..<count {
            cursor.place = .file
            let record = try GGUFTensorRecord(&cursor, position: position, alignment: alignment)
            let hash = KeyTable.hash(record.name)
            guard table.position(hash: hash, where: { records[$0].name.hasSameBytes(as: record.name) }) == nil else {
                throw cursor.fault("it occurs twice", at: record.start)
            }
            table.insert(position: position, hash: hash)
            records.append(record)
        }
        let padding = (alignment - cursor.offset % alignment) % alignment
        var entries: [GGUFEntry] = []
        for record in records { entries.append(try record.entry(from: cursor.offset, padding: padding, cursor)) }
        try requireApart(entries, cursor)
        return (entries, table)
    }

    private static func requireApart(_ entries: [GGUFEntry], _ cursor: GGUFCursor) throws(GGUFError) {
        let inOrder = entries.filter { $0.byteCount > 0 }.sorted { $0.byteRange.lowerBound < $1.byteRange.lowerBound }
        for (entry, next) in zip(inOrder, inOrder.dropFirst())
        where next.byteRange.lowerBound < entry.byteRange.upperBound {
            throw GGUFError(
                path: cursor.path,
                place: .tensor(next.name),
                offset: next.byteRange.lowerBound,
                reason: "it begins inside of \(entry.name.quoted), which ends at byte \(entry.byteRange.upperBound)"
            )
        }
    }
}
