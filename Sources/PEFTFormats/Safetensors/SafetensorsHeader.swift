import PEFTTensor

/// The checked header of a safetensors file.
///
/// The file is `N` (8 bytes, little-endian), `N` bytes of JSON, and the buffer with the elements of all tensors end to
/// end. Every rule is checked before a byte of the buffer is looked at: the tensors cover the buffer exactly, without
/// hole or overlap, and the size of each is what its type and shape say.
package struct SafetensorsHeader: Sendable {
    /// The longest header that is read.
    package static let maximumLength = 100_000_000

    /// The tensors in the order of their bytes.
    package let entries: [SafetensorsEntry]
    /// The strings under `__metadata__`, in the order of the file.
    package let metadata: [(key: String, value: String)]
    /// The bytes of the JSON text.
    package let textRange: Range<Int>

    /// Checks the bytes of a whole file.
    package init(parsing file: UnsafeRawBufferPointer, path: String) throws(SafetensorsError) {
        textRange = try SafetensorsHeader.textRange(of: file, path: path)
        let text = UnsafeRawBufferPointer(rebasing: file[textRange])
        guard text.first == UInt8(ascii: "{") else {
            throw SafetensorsError(path: path, reason: "the header must start with '{'" + SafetensorsHeader.hint(file))
        }
        let records: Records
        do {
            records = try Records(JSONReader(JSONValue(parsing: text, source: "header"), source: "header"))
        } catch {
            throw SafetensorsError(path: path, reason: error.description)
        }
        metadata = records.metadata
        entries = try SafetensorsHeader.layOut(records, from: textRange.upperBound, to: file.count, path: path)
    }

    /// What the JSON text says, each record well-formed, their places not yet compared.
    private struct Records {
        var tensors: [(name: String, info: TensorInfo)] = []
        var metadata: [(key: String, value: String)] = []

        init(_ header: JSONReader) throws(JSONError) {
            for (name, record) in try header.members() {
                if name.hasSameBytes(as: "__metadata__") {
                    for (key, text) in try record.members() { metadata.append((key, try text.string())) }
                } else {
                    tensors.append((name, try TensorInfo(record)))
                }
            }
        }
    }

    private static func textRange(
        of file: UnsafeRawBufferPointer,
        path: String
    ) throws(SafetensorsError) -> Range<Int> {
        guard file.count >= 8 else {
            throw SafetensorsError(
                path: path,
                reason: "the file ends after \(file.count) bytes; the first 8 hold the length of the header"
            )
        }
        let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(maximumLength) else {
            throw SafetensorsError(
                path: path,
                reason: "the header would be \(length) bytes long, more than the \(maximumLength) allowed" + hint(file)
            )
        }
        guard Int(length) <= file.count - 8 else {
            throw SafetensorsError(
                path: path,
                reason: "the header should be \(length) bytes long, but only \(file.count - 8) bytes follow; "
                    + "the file is cut off or no safetensors file" + hint(file)
            )
        }
        return 8..<(8 + Int(length))
    }

    /// Sorts the tensors by place and checks that they cover the buffer from `start` to `end`.
    private static func layOut(
        _ records: Records,
        from start: Int,
        to end: Int,
        path: String
    ) throws(SafetensorsError) -> [SafetensorsEntry] {
        func fault(_ tensor: String?, _ reason: String) -> SafetensorsError {
            SafetensorsError(path: path, tensor: tensor, reason: reason)
        }
        let available = UInt64(end - start)
        var entries: [SafetensorsEntry] = []
        var covered: UInt64 = 0
        for (name, info) in records.tensors.sorted(by: { $0.info.precedes($1.info) }) {
            if let reason = info.fault { throw fault(name, reason) }
            if info.begin > covered {
                throw fault(name, "it begins at byte \(info.begin) of the data, which leaves a hole from \(covered)")
            }
            if info.begin < covered {
                throw fault(name, "it begins at byte \(info.begin) of the data, inside another one up to \(covered)")
            }
            covered = info.end
            // Past the end nothing fits an Int any more; the whole extent is reported below.
            guard covered <= available else { continue }
            let range = (start + Int(info.begin))..<(start + Int(info.end))
            entries.append(.init(name: name, elementType: info.type, shape: info.shape, byteRange: range))
        }
        if covered > available {
            throw fault(
                nil,
                "\(covered - available) bytes are missing at the end: the header describes \(covered) bytes of data, "
                    + "the file holds \(available); copy or download it again"
            )
        }
        if covered < available {
            throw fault(
                nil,
                "\(available - covered) bytes too many at the end: the header describes \(covered) bytes of data, "
                    + "the file holds \(available)"
            )
        }
        return entries
    }

    /// What the file is instead, where its first bytes tell.
    private static func hint(_ file: UnsafeRawBufferPointer) -> String {
        if file.starts(with: "version https://git-lfs".utf8) {
            return "; this is a Git LFS pointer, get the file itself with git lfs pull"
        }
        if file.starts(with: [0x50, 0x4B, 0x03, 0x04]) || file.starts(with: [0x80, 0x02]) {
            return "; this looks like a PyTorch pickle, save it as safetensors first"
        }
        if file.starts(with: "GGUF".utf8) { return "; this is a GGUF file" }
        return ""
    }
}
