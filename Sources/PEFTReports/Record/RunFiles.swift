import Foundation
import PEFTFormats

/// The files of a run's folder, parsed.
struct RunFiles {
    let folder: URL

    /// The version of the files that is read here.
    static let version = 1

    func required(_ name: String) throws -> JSONReader {
        guard let reader = try optional(name) else {
            guard try FileSystem.kind(of: folder.path) != nil else {
                throw FileError(path: folder.path, action: "open", reason: "there is no such folder")
            }
            throw RunRecordError(folder: folder.path, missing: name)
        }
        return reader
    }

    /// - Returns: nil where there is no such file.
    func optional(_ name: String) throws -> JSONReader? {
        guard let path = try existing(name) else { return nil }
        let reader = JSONReader(try JSONValue(contentsOf: path), source: path)
        let version = try reader["version"]
        guard try version.int() == Self.version else { throw version.error(expected: "\(Self.version)") }
        return reader
    }

    /// One reader for each line.
    ///
    /// - Returns: nil where there is no such file.
    func lines(of name: String) throws -> [JSONReader]? {
        guard let path = try existing(name) else { return nil }
        let file = try MappedFile(path: path)
        return try file.withUnsafeBytes { bytes in
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            // What follows the last line's end is empty, or a line that a run is writing or was killed while writing.
            return try lines.dropLast().enumerated().map { index, line in
                let source = "\(path):\(index + 1)"
                let value = try JSONValue(parsing: UnsafeRawBufferPointer(rebasing: line), source: source)
                return JSONReader(value, source: source)
            }
        }
    }

    private func existing(_ name: String) throws -> String? {
        let path = folder.appending(path: name, directoryHint: .notDirectory).path
        return try FileSystem.kind(of: path) == nil ? nil : path
    }
}

extension JSONReader {
    /// The number, or NaN for `null`, which stands for every number that JSON can't say.
    func doubleOrNull() throws(JSONError) -> Double {
        if case .null = value { return .nan }
        return try double()
    }

    /// A number of things.
    func count() throws(JSONError) -> Int { try int(in: 0 ... .max) }
}
