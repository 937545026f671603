/// Finding and opening the safetensors files of a checkpoint.
enum CheckpointFiles {
    /// The tensors of the checkpoint at `path`, a folder or a single file.
    ///
    /// - Parameter stem: the file's name in a folder without its extension, as in `model`.
    static func open(_ path: String, stem: String) throws -> WeightTable {
        switch try FileSystem.kind(of: path) {
        case nil: throw FileError(path: path, action: "open", reason: "there is no such file or folder")
        case .folder: return try openFolder(path, stem: stem)
        case .file, .other: break
        }
        if path.hasSuffix(".index.json") { return try openShards(index: path) }
        if PickleFile.hasName(path) {
            throw CheckpointError(path: path, reasons: [pickleRemedy(FileSystem.name(of: path))])
        }
        return try openFile(path)
    }

    private static func openFolder(_ folder: String, stem: String) throws -> WeightTable {
        // In the order in which the Python packages look.
        let single = folder + "/" + stem + ".safetensors"
        if try FileSystem.kind(of: single) != nil { return try openFile(single) }
        let index = single + ".index.json"
        if try FileSystem.kind(of: index) != nil { return try openShards(index: index) }

        let names = try FileSystem.names(in: folder)
        let missing = "it holds neither \(stem).safetensors nor \(stem).safetensors.index.json"
        let pickle = names.first { name in
            ["pytorch_", stem].contains(where: name.hasPrefix) && PickleFile.hasName(name)
        }
        if let pickle { throw CheckpointError(path: folder, reasons: [missing + "; " + pickleRemedy(pickle)]) }
        throw CheckpointError(path: folder, reasons: [missing])
    }

    private static func pickleRemedy(_ name: String) -> String {
        PickleFile.remedy(name, refusal: "is not opened here")
    }

    private static func openFile(_ path: String) throws -> WeightTable {
        let file = try SafetensorsFile(path: path)
        var table = WeightTable(path: path)
        for entry in file.entries { table.add(entry.name, .file(file, entry)) }
        return table
    }

    /// Opens the shards of an index and checks that index and shards name the same tensors.
    private static func openShards(index: String) throws -> WeightTable {
        let weightMap = try JSONReader(JSONValue(contentsOf: index), source: index)["weight_map"]
        let listed = try weightMap.object()
        var shards: [String] = []
        for (_, value) in try weightMap.members() {
            let shard = try value.string()
            guard isPlainName(shard) else { throw value.error(expected: "the name of a file in the same folder") }
            if !shards.contains(where: { $0.hasSameBytes(as: shard) }) { shards.append(shard) }
        }

        var table = WeightTable(path: index)
        var reasons: [String] = []
        let folder = FileSystem.parent(of: index)
        for shard in shards {
            let path = folder + "/" + shard
            guard try FileSystem.kind(of: path) != nil else {
                reasons.append("the index names the shard \(shard), which is not there")
                continue
            }
            let file = try SafetensorsFile(path: path)
            for entry in file.entries {
                guard listed[entry.name] == .string(shard) else {
                    reasons.append("\(shard) holds \(entry.name), which the index does not list there")
                    continue
                }
                table.add(entry.name, .file(file, entry))
            }
            for (key, value) in listed where value == .string(shard) && file.entry(named: key) == nil {
                reasons.append("the index lists \(key) in \(shard), which does not hold it")
            }
        }
        guard reasons.isEmpty else { throw CheckpointError(path: index, reasons: reasons) }
        return table
    }

    /// Whether the name stays in the folder.
    private static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }
}
