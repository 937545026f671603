import Foundation
import PEFTFormats
import PEFTKit

/// The tensors of one or more safetensors files.
struct TensorList {
    private let items: [(file: String, entry: SafetensorsEntry)]

    /// Those of a checkpoint, file by file.
    init(_ sources: WeightSource...) {
        items = sources.flatMap(\.entries).enumerated()
            .sorted { ($0.element.file, $0.offset) < ($1.element.file, $1.offset) }
            .map(\.element)
    }

    var count: Int { items.count }
    /// All numbers of all tensors.
    var elementCount: Int { items.reduce(0) { $0 + $1.entry.shape.count } }
    var byteCount: Int { items.reduce(0) { $0 + $1.entry.byteCount } }

    /// A line for each tensor and one with the totals. Names come last: they are the longest.
    var lines: [String] {
        let rows = items.map { _, entry in
            (type: "\(entry.elementType)", shape: "\(entry.shape)", size: entry.byteCount.bytesText, name: entry.name)
        }
        let types = rows.map(\.type.count).max() ?? 0
        let shapes = rows.map(\.shape.count).max() ?? 0
        let sizes = rows.map(\.size.count).max() ?? 0
        let isSharded = Set(items.map(\.file)).count > 1
        var lines: [String] = []
        var file: String?
        for (item, row) in zip(items, rows) {
            if isSharded, item.file != file {
                lines.append("in \(FileSystem.name(of: item.file))")
                file = item.file
            }
            let size = String(repeating: " ", count: sizes - row.size.count) + row.size
            lines.append("  \(row.type.padded(types))  \(row.shape.padded(shapes))  \(size)  \(row.name)")
        }
        return lines + ["\(count.counted("tensor")), \(elementCount.grouped) numbers, \(byteCount.bytesText)"]
    }

    var json: JSONObject {
        [
            "tensor_count": JSONValue(count),
            "parameter_count": JSONValue(elementCount),
            "byte_count": JSONValue(byteCount),
            "tensors": .array(
                items.map { file, entry in
                    .object([
                        "name": .string(entry.name),
                        "dtype": .string(entry.elementType.rawValue),
                        "shape": .array(entry.shape.dimensions.map { JSONValue($0) }),
                        "bytes": JSONValue(entry.byteCount),
                        "file": .string(FileSystem.name(of: file)),
                    ])
                }
            ),
        ]
    }
}
