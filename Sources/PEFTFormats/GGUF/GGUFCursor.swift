/// A place in a GGUF file that moves forward; whatever is read lies in the file, or an error says what does not.
struct GGUFCursor {
    let bytes: UnsafeRawBufferPointer
    let path: String
    private(set) var offset = 0
    /// What is being read, for errors.
    var place = GGUFError.Place.file

    init(_ bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    var remaining: Int { bytes.count - offset }

    /// A fault at `offset`, by default where the cursor is.
    func fault(_ reason: String, at offset: Int? = nil) -> GGUFError {
        GGUFError(path: path, place: place, offset: offset ?? self.offset, reason: reason)
    }

    /// The next integer, little-endian.
    ///
    /// - Parameter what: what it is, for the error of a file that ends before.
    mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ type: Integer.Type,
        _ what: String
    ) throws(GGUFError) -> Integer {
        let range = try skip(1, of: MemoryLayout<Integer>.size, what)
        return Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: type))
    }

    /// Moves past `count` things of `size` bytes each, and returns where they lie.
    @discardableResult
    mutating func skip(_ count: UInt64, of size: Int, _ what: String) throws(GGUFError) -> Range<Int> {
        let (length, overflow) = count.multipliedReportingOverflow(by: UInt64(size))
        guard !overflow, length <= UInt64(remaining) else {
            let needed = overflow ? "more bytes than can be counted" : "\(length) bytes"
            throw fault(
                "the file ends in \(what): it takes \(needed), but \(remaining) are left; it is cut off or damaged"
            )
        }
        defer { offset += Int(length) }
        return offset..<(offset + Int(length))
    }

    /// Moves past a length and as many bytes, and returns where those lie.
    @discardableResult
    mutating func skipString(_ what: String) throws(GGUFError) -> Range<Int> {
        try skip(try integer(UInt64.self, "the length of \(what)"), of: 1, what)
    }

    /// The next string, in strict UTF-8.
    mutating func string(_ what: String) throws(GGUFError) -> String {
        let range = try skipString(what)
        guard let text = String(validating: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self) else {
            throw fault("\(what) is no UTF-8", at: range.lowerBound)
        }
        return text
    }
}
