import PEFTFormats

/// Which files of a repository are needed.
public enum HubContent: Equatable, Sendable {
    /// What a model and its tokenizer are read from: the configuration, safetensors (one file, or the shards that the
    /// index names), and tokenizer files; of a repository of GGUF files its only one.
    case model
    /// What an adapter is read from.
    case adapter
    /// A model, or else an adapter, whichever the repository is.
    case modelOrAdapter
    /// Files by name, for instance one of several GGUF files.
    case files([String])
}

/// The files that are needed, of those that there are.
struct FileSelection: Equatable {
    /// The files, in the order of their names.
    var files: [String]
    /// The index that names further files; nil without shards.
    var index: String?

    /// What is missing, or there in a form that is not read: the rest of a sentence that begins with the repository.
    struct Fault: Error, Equatable {
        let reason: String
    }

    /// Files without which nothing can be read.
    static let configurations: Set = ["config.json", "adapter_config.json"]

    /// Files of a model that are taken where they are there.
    private static let besideModel = [
        "tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt", "special_tokens_map.json",
        "added_tokens.json", "chat_template.jinja", "generation_config.json",
    ]

    /// Files of an adapter that are taken where they are there: AdapterHub's head, and what cannot be said in Python's
    /// files.
    private static let besideAdapter = [
        "head_config.json", "model_head.safetensors", "peftkit.json", "peftkit.safetensors",
    ]

    /// - Parameter names: the files that there are.
    /// - Throws: ``Fault``.
    init(_ content: HubContent, of names: [String]) throws(Fault) {
        let known = Set(names)
        switch content {
        case .modelOrAdapter:
            let isAdapter = known.contains("adapter_config.json") && !known.contains("config.json")
            self = try FileSelection(isAdapter ? .adapter : .model, of: names)
            return
        case .files(let wanted):
            if let missing = wanted.first(where: { !known.contains($0) }) {
                throw Fault(reason: "has no file \(missing)" + Self.list(names.filter { $0.hasSuffix(".gguf") }))
            }
            self.init(files: wanted, index: nil)
        case .adapter:
            guard known.contains("adapter_config.json") else {
                let isModel = known.contains("config.json")
                throw Fault(reason: "has no adapter_config.json" + (isModel ? "; it is a model and no adapter" : ""))
            }
            let weights = ["adapter_model.safetensors", "adapter.safetensors"].filter(known.contains)
            guard !weights.isEmpty else {
                throw Fault(reason: "has no adapter_model.safetensors" + Self.remedy(names, stem: "adapter"))
            }
            self.init(files: ["adapter_config.json"] + weights + Self.besideAdapter.filter(known.contains), index: nil)
        case .model:
            try self.init(modelIn: names, known)
        }
        files = files.sorted { $0.precedesByBytes($1) }
    }

    private init(files: [String], index: String?) {
        self.files = files
        self.index = index
    }

    private init(modelIn names: [String], _ known: Set<String>) throws(Fault) {
        let beside = Self.besideModel.filter(known.contains)
        let weights = ["model.safetensors", "model.safetensors.index.json"].first(where: known.contains)
        guard let weights else {
            let gguf = names.filter { $0.hasSuffix(".gguf") }
            if gguf.count == 1, !names.contains(where: PickleFile.hasName) {
                self.init(files: gguf, index: nil)
                return
            }
            guard gguf.isEmpty else {
                throw Fault(reason: "has no model.safetensors, but GGUF files: give the name of one" + Self.list(gguf))
            }
            guard !known.contains("adapter_config.json") else {
                throw Fault(reason: "is an adapter; as the model give the base that it was trained on")
            }
            throw Fault(
                reason: "has neither model.safetensors nor model.safetensors.index.json"
                    + Self.remedy(names, stem: "model")
            )
        }
        guard known.contains("config.json") else { throw Fault(reason: "has no config.json") }
        let isIndex = weights.hasSuffix(".index.json")
        self.init(files: ["config.json", weights] + beside, index: isIndex ? weights : nil)
    }

    /// The shards that an index names.
    ///
    /// - Throws: `JSONError` for an index that is none, or ``Fault`` for a shard that is not there.
    static func shards(ofIndex path: String, among names: [String], of repository: String) throws -> [String] {
        let known = Set(names)
        let map = try JSONReader(JSONValue(contentsOf: path), source: path)["weight_map"]
        let shards = Set(try map.members().map { try $0.value.string() })
        for shard in shards {
            try HubName.requireFile(shard, of: repository)
            guard shard.hasSuffix(".safetensors") else {
                throw Fault(reason: "has an index that names \(shard), which is no safetensors file")
            }
            guard known.contains(shard) else { throw Fault(reason: "lacks \(shard), which its index names") }
        }
        return shards.sorted { $0.precedesByBytes($1) }
    }

    /// What to do about a pickle in place of the weights.
    private static func remedy(_ names: [String], stem: String) -> String {
        let pickle = names.sorted { $0.precedesByBytes($1) }.first { PickleFile.hasName($0) && $0.contains(stem) }
        return pickle.map { "; " + PickleFile.remedy($0, refusal: "is not downloaded") } ?? ""
    }

    private static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "" }
        let shown = names.sorted { $0.precedesByBytes($1) }.prefix(20)
        return ": " + shown.joined(separator: ", ") + (names.count > shown.count ? ", …" : "")
    }
}
