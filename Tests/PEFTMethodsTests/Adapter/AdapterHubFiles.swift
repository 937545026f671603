import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport

/// A folder of AdapterHub's that tests may spoil.
struct AdapterHubFiles {
    let temporary: TemporaryFolder
    let base: FrozenModel<BERT>
    var url: URL { temporary.url.appending(path: "adapter") }

    init(copying name: String = "seq-bn") throws {
        temporary = try TemporaryFolder()
        base = try Golden.model(try Golden.json("bert/bottlenecks/\(name)/expected.json")["checkpoint"].string())
        let original = Golden.folder.appending(path: "bert/bottlenecks/\(name)/adapter")
        try FileManager.default.copyItem(at: original, to: url)
    }

    func open() throws -> AdapterFolder { try AdapterFolder(url) }

    func adapter() throws -> AdapterBundle { try open().adapter(for: base) }

    func write(_ text: String, to name: String) throws {
        try temporary.write(text.utf8, to: "adapter/" + name)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: url.appending(path: name))
    }

    /// Sets an entry of `config` in a configuration, given as JSON; removes it when nil.
    func set(_ key: String, _ json: String?, in name: String = "adapter_config.json") throws {
        let path = url.appending(path: name).path
        var entries = try JSONReader(try JSONValue(contentsOf: path), source: path).object()
        var settings = try JSONReader(entries["config"] ?? .null, source: path).object()
        settings[key] = try json.map { try JSONValue(parsing: Array($0.utf8), source: key) }
        entries["config"] = .object(settings)
        try write(JSONValue.object(entries).text(.pretty), to: name)
    }

    /// Writes the tensors of a file anew after `change`.
    func changeTensors(_ name: String, _ change: (inout [String: Tensor]) -> Void) throws {
        let path = url.appending(path: name).path
        let file = try SafetensorsFile(path: path)
        var tensors: [String: Tensor] = [:]
        for entry in file.entries { tensors[entry.name] = try file.tensor(named: entry.name) }
        change(&tensors)
        var writer = SafetensorsWriter(metadata: [:])
        for (name, tensor) in tensors { writer.add(name, tensor) }
        try writer.write(to: path)
    }
}
