import Foundation
import PEFTFormats
import PEFTKit

extension Inspection {
    /// A checkpoint folder, of whatever architecture.
    ///
    /// - Throws: when its files cannot be read; that its architecture is not supported, or its tensors do not fit it, is
    ///   a fact and no error.
    static func model(at path: String) throws -> Inspection {
        let file = path + "/config.json"
        let configuration = JSONReader(try JSONValue(contentsOf: file), source: file)
        let tensors = TensorList(try WeightSource(path: path))
        return Inspection(
            kind: "model",
            path: path,
            facts: try summary(configuration) + loading(path) + [tokenizer(path)],
            tensors: tensors,
            configuration: configuration.value
        )
    }

    /// The entries of `config.json` that say how large a model is, as architectures call them.
    private static let sizes = [
        "hidden_size", "n_embd", "d_model", "dim",
        "num_hidden_layers", "n_layer", "num_layers", "n_layers", "num_decoder_layers",
        "num_attention_heads", "n_head", "num_heads", "n_heads", "num_key_value_heads",
        "intermediate_size", "n_inner", "d_ff", "hidden_dim",
        "hidden_act", "activation_function", "activation",
        "vocab_size", "max_position_embeddings", "n_positions", "type_vocab_size",
        "torch_dtype", "dtype",
    ]

    private static func summary(_ configuration: JSONReader) throws -> [Fact] {
        var facts = [Fact("model type", "model_type", try configuration["model_type"].value ?? .null)]
        for key in ["architectures"] + sizes {
            guard let value = try configuration[key].ifPresent?.value else { continue }
            facts.append(Fact(key.replacingOccurrences(of: "_", with: " "), key, value))
        }
        if let names = try configuration["id2label"].ifPresent?.members() {
            let ordered = names.sorted { (Int($0.key) ?? .max) < (Int($1.key) ?? .max) }
            facts.append(Fact("labels", "labels", .array(ordered.compactMap(\.value.value))))
        }
        return facts
    }

    private static func loading(_ path: String) -> [Fact] {
        do {
            let base = try FrozenModel<AnyArchitecture>.open(URL(filePath: path, directoryHint: .isDirectory))
            return [
                Fact("can be loaded", "loads", true),
                Fact("ignored", "ignored", .strings(base.report.ignoredKeys)),
                Fact("starts fresh", "newly_initialised", .strings(base.report.newlyInitialisedKeys)),
                Fact("parameters", "base_parameter_count", JSONValue(base.architecture.parameterCount)),
                Fact("fingerprint", "fingerprint", .string(base.fingerprint)),
            ]
        } catch {
            return [
                Fact("can be loaded", "loads", false, note: "no: \(error)"),
                Fact(nil, "problem", .string("\(error)")),
            ]
        }
    }

    private static func tokenizer(_ path: String) -> Fact {
        do {
            let tokenizer = try Tokenizers.open(URL(modelPath: path))
            let kind = tokenizer is BPETokenizer ? "BPE" : "WordPiece"
            return Fact(
                "tokenizer",
                "tokenizer",
                .object(["kind": .string(kind), "vocabulary_size": JSONValue(tokenizer.vocabularySize)]),
                note: "\(kind), \(tokenizer.vocabularySize.grouped) tokens"
            )
        } catch {
            return Fact("tokenizer", "tokenizer", .object(["problem": .string("\(error)")]), note: "none: \(error)")
        }
    }
}
