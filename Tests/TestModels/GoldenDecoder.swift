import Foundation
import PEFTFormats
package import PEFTModels
package import PEFTTraining

/// The tiny decoders of `Tests/Golden`.
package enum GoldenDecoder {
    /// Checkpoints of language models.
    package static let languageModels = [
        "llama", "llama-tied", "llama-old", "llama-sharded", "mistral", "qwen2", "qwen3", "gpt2", "gpt2-unprefixed",
    ]
    /// Checkpoints of classifiers.
    package static let classifiers = ["llama-classifier", "gpt2-classifier"]

    package static func open<Model: LoadableArchitecture>(
        _ name: String,
        as type: Model.Type = Model.self
    ) throws -> FrozenModel<Model> {
        try FrozenModel<Model>.open(Golden.folder.appending(path: "decoders/models/\(name)/checkpoint"))
    }

    /// The texts of `sequences.json`.
    package static func texts(_ set: String) throws -> [[Int32]] {
        try Golden.json("decoders/sequences.json")[set].elements().map { try $0["ids"].ints().map(Int32.init) }
    }

    /// The same with their classes, taken modulo the number there is.
    package static func examples(_ set: String, classes: Int) throws -> [ClassificationExample] {
        try Golden.json("decoders/sequences.json")[set].elements().map { row in
            ClassificationExample(
                ids: try row["ids"].ints().map(Int32.init),
                label: try row["label"].int() % classes
            )
        }
    }
}
