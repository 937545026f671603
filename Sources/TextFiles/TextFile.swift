import Foundation

/// A file read once, known to be valid UTF-8, without its byte-order mark.
///
/// Readers scan the bytes and decode only what they keep.
package struct TextFile: Sendable {
    /// The file as the caller named it, for messages.
    package let path: String
    /// The contents after a byte-order mark, if there was one.
    package let bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) throws(TextFileError) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let skipped = bytes.starts(with: mark) ? mark.count : 0
        if let offset = UTF8Validation.firstInvalidOffset(in: bytes) {
            let value = String(bytes[offset], radix: 16, uppercase: true)
            throw TextFileError(
                path: path,
                line: Self.lineNumber(at: offset, in: bytes),
                problem: "not valid UTF-8 (byte 0x\(value) at offset \(offset)); convert the file to UTF-8"
            )
        }
        self.path = path
        self.bytes = skipped == 0 ? bytes : Array(bytes.dropFirst(skipped))
    }

    /// Reads the file at `path`.
    package init(contentsOf path: String) throws(TextFileError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw TextFileError(path: path, problem: "there is no such file")
        }
        guard !isFolder.boolValue else {
            throw TextFileError(path: path, problem: "this is a folder, where a file is needed")
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw TextFileError(path: path, problem: "the file can't be read: \(error.localizedDescription)")
        }
        try self.init(path: path, bytes: [UInt8](data))
    }

    /// The lines, without the line feed or carriage return and line feed that ends each.
    package var lines: TextLines { TextLines(bytes: bytes) }

    private static func lineNumber(at offset: Int, in bytes: [UInt8]) -> Int {
        1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
    }
}
