import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport

/// An adapter folder that tests may spoil: a copy of one that `peft` wrote.
struct AdapterFiles {
    let temporary: TemporaryFolder
    let base: FrozenModel<BERT>
    var url: URL { temporary.url.appending(path: "adapter") }

    init(copying name: String = "query-value") throws {
        temporary = try TemporaryFolder()
        base = try Golden.model(try Golden.json("bert/adapters/\(name)/expected.json")["checkpoint"].string())
        let original = Golden.folder.appending(path: "bert/adapters/\(name)/adapter")
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

    /// Sets an entry of `adapter_config.json`, given as JSON; removes it when nil.
    func set(_ key: String, _ json: String?) throws {
        let path = url.appending(path: "adapter_config.json").path
        var entries = try JSONReader(try JSONValue(contentsOf: path), source: path).object()
        entries[key] = try json.map { try JSONValue(parsing: Array($0.utf8), source: key) }
        try write(JSONValue.object(entries).text(.pretty), to: "adapter_config.json")
    }

    /// Writes the tensors anew after `change`.
    func changeTensors(_ change: (inout [String: Tensor]) -> Void) throws {
        let path = url.appending(path: "adapter_model.safetensors").path
        let file = try SafetensorsFile(path: path)
        var tensors: [String: Tensor] = [:]
        for entry in file.entries { tensors[entry.name] = try file.tensor(named: entry.name) }
        change(&tensors)
        var writer = SafetensorsWriter()
        for (name, tensor) in tensors { writer.add(name, tensor) }
        try writer.write(to: path)
    }

    /// The names and bytes of all files, hidden ones included.
    static func contents(of folder: URL) throws -> [String: Data] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).reduce(into: [:]) { all, name in
            all[name] = try? Data(contentsOf: folder.appending(path: name))
        }
    }
}
