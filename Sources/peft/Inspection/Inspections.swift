import PEFTFormats

/// Finds out what is at a path.
enum Inspections {
    /// - Throws: ``CommandError`` for what is neither of the kinds described, and what reading throws.
    static func inspect(_ path: String) throws -> Inspection {
        switch try FileSystem.kind(of: path) {
        case nil: throw CommandError("\(path): there is no such file or folder")
        case .folder: return try inspectFolder(path)
        case .file, .other: return try inspectFile(path)
        }
    }

    private static let expected =
        "peft inspect reads model folders, adapter folders, .safetensors files and .safetensors.index.json"

    private static func inspectFolder(_ path: String) throws -> Inspection {
        let names = try FileSystem.names(in: path)
        if names.contains("adapter_config.json") { return try .adapter(at: path) }
        if names.contains("config.json") { return try .model(at: path) }
        if names.contains(where: { $0 == "model.safetensors" || $0 == "model.safetensors.index.json" }) {
            return Inspection(kind: "tensors", path: path, facts: [], tensors: TensorList(try WeightSource(path: path)))
        }
        throw CommandError("\(path): this folder has neither config.json nor adapter_config.json; \(expected)")
    }

    private static func inspectFile(_ path: String) throws -> Inspection {
        guard path.hasSuffix(".safetensors") || path.hasSuffix(".index.json") else {
            throw CommandError("\(path): this is no .safetensors file; \(expected)")
        }
        let tensors = TensorList(try WeightSource(path: path))
        var facts: [Inspection.Fact] = []
        if path.hasSuffix(".safetensors") {
            let metadata = try SafetensorsFile(path: path).metadata.map { ($0.key, JSONValue.string($0.value)) }
            facts.append(.init("metadata", "metadata", .object(JSONObject(metadata))))
        }
        return Inspection(kind: "tensors", path: path, facts: facts, tensors: tensors)
    }
}
