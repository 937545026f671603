import PEFTFormats

/// The bytes of a file with this header and `count` data bytes 0, 1, 2, ….
func safetensors(_ header: String, data count: Int) -> [UInt8] {
    safetensors(Array(header.utf8), data: count)
}

func safetensors(_ header: [UInt8], data count: Int) -> [UInt8] {
    lengthBytes(UInt64(header.count)) + header + (0..<count).map { UInt8(truncatingIfNeeded: $0) }
}

func lengthBytes(_ length: UInt64) -> [UInt8] {
    withUnsafeBytes(of: length.littleEndian) { Array($0) }
}

func parseHeader(_ file: [UInt8]) throws(SafetensorsError) -> SafetensorsHeader {
    let result = file.withUnsafeBytes { bytes in
        Result { () throws(SafetensorsError) in try SafetensorsHeader(parsing: bytes, path: "x.safetensors") }
    }
    return try result.get()
}

/// What the error says of a file with these bytes, or nil if it is accepted.
func headerFault(_ file: [UInt8]) -> String? {
    do {
        _ = try parseHeader(file)
        return nil
    } catch {
        return error.description
    }
}

/// What the error says of a file with one tensor `a`, given by its record.
func recordFault(_ record: String, data count: Int) -> String? {
    headerFault(safetensors("{\"a\":\(record)}", data: count))
}
