import Foundation
import PEFTFormats
import PEFTKit

extension Inspection {
    /// An adapter folder, of whatever method.
    ///
    /// - Throws: when its files cannot be read; that its method is not supported is a fact and no error.
    static func adapter(at path: String) throws -> Inspection {
        let file = path + "/adapter_config.json"
        let configuration = JSONReader(try JSONValue(contentsOf: file), source: file)
        if try AdapterFolder.isAdapterHub(configuration) { return try adapterHub(at: path, configuration) }
        let tensors = TensorList(try WeightSource(path: path, stem: "adapter_model"))
        return Inspection(
            kind: "adapter",
            path: path,
            facts: try recipe(configuration)
                + [Fact("trainable", "trainable_parameters", JSONValue(tensors.elementCount))]
                + use(path),
            tensors: tensors,
            configuration: configuration.value
        )
    }

    /// What `adapter_config.json` says, under the names that the options of `peft train` have.
    private static func recipe(_ configuration: JSONReader) throws -> [Fact] {
        let entries = [
            ("method", "method", "peft_type"), ("task", "task", "task_type"), ("rank", "rank", "r"),
            ("alpha", "alpha", "lora_alpha"), ("dropout", "dropout", "lora_dropout"),
            ("rank-stabilised", "rslora", "use_rslora"), ("DoRA", "dora", "use_dora"), ("biases", "bias", "bias"),
            ("targets", "targets", "target_modules"),
            ("left out", "excluded", "exclude_modules"), ("blocks", "layers", "layers_to_transform"),
            ("other ranks", "rank_pattern", "rank_pattern"), ("other alphas", "alpha_pattern", "alpha_pattern"),
            ("saved modules", "saved_modules", "modules_to_save"), ("base", "base", "base_model_name_or_path"),
        ]
        return try facts(configuration, entries)
    }

    /// Those entries that say something.
    static func facts(
        _ configuration: JSONReader,
        _ entries: [(name: String, key: String, entry: String)]
    ) throws -> [Fact] {
        try entries.compactMap { name, key, entry in
            switch try configuration[entry].value {
            case nil, .null, .bool(false): nil
            case .object(let members) where members.isEmpty: nil
            case .array(let elements) where elements.isEmpty: nil
            case let value?: Fact(name, key, value)
            }
        }
    }

    /// What the sidecar says, and whether the adapter can be used here.
    static func use(_ path: String) -> [Fact] {
        let unnamed = "not named"
        let unknown = "unknown, as Python does not store it"
        do {
            let folder = try AdapterFolder(URL(filePath: path, directoryHint: .isDirectory))
            var facts = [
                Fact("labels", "labels", folder.labels.map(JSONValue.strings), orNote: unnamed),
                Fact("maximum length", "maximum_length", folder.maximumLength.map { JSONValue($0) }, orNote: unknown),
                Fact("fingerprint", "base_fingerprint", folder.baseFingerprint.map(JSONValue.string), orNote: unknown),
                Fact("can be used", "loads", true),
            ]
            if !folder.unknownKeys.isEmpty {
                facts.append(Fact("unknown entries", "unknown_entries", .strings(folder.unknownKeys)))
            }
            return facts
        } catch {
            return [
                Fact("labels", "labels", nil, orNote: unnamed),
                Fact("fingerprint", "base_fingerprint", nil, orNote: unknown),
                Fact("can be used", "loads", false, note: "no: \(error)"),
                Fact(nil, "problem", .string("\(error)")),
            ]
        }
    }
}

extension Inspection.Fact {
    /// Something that may not be known.
    fileprivate init(_ name: String, _ key: String, _ value: JSONValue?, orNote note: String) {
        self.init(name, key, value ?? .null, note: value == nil ? note : nil)
    }
}
