import PEFTFormats
import PEFTKit

/// What is trained, for people and for scripts.
enum ParameterSummary {
    static func json(_ table: ParameterTable) -> JSONValue {
        .object([
            "trainable": JSONValue(table.trainable),
            "all": JSONValue(table.all),
            "percentage": .number(of: table.percentage),
            "modules": .array(
                table.modules.map { module in
                    .object([
                        "module": .string(module.name),
                        "trainable": JSONValue(module.count),
                        "tensors": .array(module.tensors.map(tensor)),
                    ])
                }
            ),
        ])
    }

    private static func tensor(_ tensor: ParameterTable.Tensor) -> JSONValue {
        .object([
            "name": .string(tensor.path),
            "shape": .array(tensor.shape.dimensions.map { JSONValue($0) }),
            "count": JSONValue(tensor.count),
        ])
    }

    /// A line per module, one per tensor of it, and the totals.
    static func text(_ table: ParameterTable) -> String {
        let rows = table.modules.flatMap { module in
            [Row(name: module.name, shape: "", count: module.count.grouped)]
                + module.tensors.map {
                    Row(name: "  " + tail($0, of: module), shape: "\($0.shape)", count: $0.count.grouped)
                }
        }
        let nameWidth = rows.map(\.name.count).max() ?? 0
        let shapeWidth = rows.map(\.shape.count).max() ?? 0
        let countWidth = rows.map(\.count.count).max() ?? 0
        let lines = rows.map { row in
            let padding = String(repeating: " ", count: countWidth - row.count.count)
            return "\(row.name.padded(nameWidth))  \(row.shape.padded(shapeWidth))  \(padding)\(row.count)"
        }
        return (lines + ["", table.summary]).joined(separator: "\n")
    }

    private struct Row {
        let name: String
        let shape: String
        let count: String
    }

    /// A tensor's name without its module's.
    private static func tail(_ tensor: ParameterTable.Tensor, of module: ParameterTable.Module) -> String {
        guard tensor.path.hasPrefix(module.name + ".") else { return tensor.path }
        return String(tensor.path.dropFirst(module.name.count + 1))
    }
}
