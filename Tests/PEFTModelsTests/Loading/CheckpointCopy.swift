import Foundation
import PEFTFormats
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport

/// A checkpoint folder that tests may spoil: a copy of a golden one.
struct CheckpointCopy {
    let temporary: TemporaryFolder
    var url: URL { temporary.url.appending(path: "checkpoint") }

    init(_ name: String = "relu") throws {
        temporary = try TemporaryFolder()
        let original = Golden.folder.appending(path: "bert/models/\(name)/checkpoint")
        try FileManager.default.copyItem(at: original, to: url)
    }

    /// Sets an entry of `config.json`, given as JSON; removes it when nil.
    func set(_ key: String, _ json: String?) throws {
        let path = url.appending(path: "config.json").path
        var entries = try JSONReader(try JSONValue(contentsOf: path), source: path).object()
        entries[key] = try json.map { try JSONValue(parsing: Array($0.utf8), source: key) }
        try temporary.write(JSONValue.object(entries).bytes(.pretty), to: "checkpoint/config.json")
    }

    /// Writes the tensors anew after `change`.
    func changeTensors(_ change: (inout [String: Tensor]) -> Void) throws {
        let path = url.appending(path: "model.safetensors").path
        let file = try SafetensorsFile(path: path)
        var tensors: [String: Tensor] = [:]
        for entry in file.entries { tensors[entry.name] = try file.tensor(named: entry.name) }
        change(&tensors)
        var writer = SafetensorsWriter()
        for (name, tensor) in tensors { writer.add(name, tensor) }
        try writer.write(to: path)
    }
}
