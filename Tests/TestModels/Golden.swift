package import Foundation
package import PEFTFormats
package import PEFTModels
package import PEFTTensor
package import PEFTTraining

/// Access to `Tests/Golden`: what Python computed. See the README there.
package enum Golden {
    package static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden")

    package static func json(_ path: String) throws -> JSONReader {
        let file = folder.appending(path: path).path
        return JSONReader(try JSONValue(contentsOf: file), source: path)
    }

    package static func tensors(_ path: String) throws -> [String: Tensor] {
        let file = try SafetensorsFile(path: folder.appending(path: path).path)
        return Dictionary(uniqueKeysWithValues: try file.entries.map { ($0.name, try file.tensor(named: $0.name)) })
    }

    package static func model(_ name: String) throws -> FrozenModel<BERT> {
        try FrozenModel<BERT>.open(folder.appending(path: "bert/models/\(name)/checkpoint"))
    }

    /// The tiny checkpoints' examples, their labels taken modulo the number of classes.
    package static func examples(_ set: String, classes: Int) throws -> [ClassificationExample] {
        try json("bert/sequences.json")[set].elements().map { row in
            ClassificationExample(
                ids: try row["ids"].ints().map(Int32.init),
                typeIDs: try row["token_types"].ints().map(Int32.init),
                label: try row["label"].int() % max(2, classes)
            )
        }
    }
}

extension JSONReader {
    package func matrix() throws -> [[Double]] { try elements().map { try $0.doubles() } }
    package func doubles() throws -> [Double] { try elements().map { try $0.double() } }
}
