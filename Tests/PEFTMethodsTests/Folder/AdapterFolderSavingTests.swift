import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("An adapter is saved whole or not at all")
struct AdapterFolderSavingTests {
    let temporary: TemporaryFolder
    let base: FrozenModel<BERT>
    var folder: URL { temporary.url.appending(path: "adapter") }

    init() throws {
        temporary = try TemporaryFolder()
        base = try Golden.model("classifier")
    }

    private func adapter(rank: Int = 3, seed: UInt64 = 1) throws -> AdapterBundle {
        let method = LoRA(
            rank: rank,
            alpha: 5,
            dropout: 0.25,
            targets: .names(["query", "output.dense"]),
            excluded: .names(["layer.1.output.dense"]),
            initialization: .random,
            savedModules: ["pooler"]
        )
        return try AdapterBundle(method, for: base.architecture, labels: ["é", "b"], maximumLength: 40, seed: seed)
    }

    private func expectEqual(_ a: AdapterBundle, _ b: AdapterBundle) {
        #expect(a.parameters.map(\.path) == b.parameters.map(\.path))
        #expect(a.parameters.map(\.value.elements) == b.parameters.map(\.value.elements))
        #expect(a.labels == b.labels && a.maximumLength == b.maximumLength)
    }

    @Test("and comes back to the bit, with its classes, its length and its recipe")
    func roundTrip() throws {
        let saved = try adapter()
        try saved.save(to: folder, for: base)
        let loaded = try AdapterFolder(folder).adapter(for: base)
        expectEqual(loaded, saved)
        let (method, original) = (try #require(loaded.method as? LoRA), try #require(saved.method as? LoRA))
        #expect(method.rank == 3 && method.alpha == 5 && method.dropout == 0.25)
        #expect(method.selection.targets == original.selection.targets)
        #expect(method.selection.excluded == original.selection.excluded)
        #expect(method.initialization == .random)
        #expect(
            Set(try AdapterFiles.contents(of: folder).keys) == [
                "adapter_config.json", "adapter_model.safetensors", "peftkit.json",
            ]
        )
    }

    @Test("with the same bytes each time")
    func deterministic() throws {
        try adapter().save(to: folder, for: base)
        let first = try AdapterFiles.contents(of: folder)
        try adapter().save(to: folder, for: base)
        #expect(try AdapterFiles.contents(of: folder) == first)
    }

    @Test(
        "with peft's own configuration, value by value",
        arguments: ["query-value", "all-linear", "patterns", "layers"]
    )
    func configuration(_ name: String) throws {
        let original = Golden.folder.appending(path: "bert/adapters/\(name)/adapter")
        try AdapterFolder(original).adapter(for: base).save(to: folder, for: base)
        func entries(_ url: URL) throws -> JSONObject {
            let path = url.appending(path: "adapter_config.json").path
            var entries = try JSONReader(try JSONValue(contentsOf: path), source: path).object()
            #expect(entries.keys == entries.keys.sorted())
            entries["base_model_name_or_path"] = nil
            return entries
        }
        let (ours, theirs) = (try entries(folder), try entries(original))
        for key in theirs.keys where key != "layers_pattern" { #expect(ours[key] == theirs[key], "\(key)") }
        #expect(ours.count == theirs.count)
    }

    @Test("in place of an earlier adapter, of which only the model card stays: somebody wrote it by hand")
    func replaces() throws {
        let files = try AdapterFiles()
        try files.write("about it", to: "README.md")
        try adapter().save(to: files.url, for: base)
        expectEqual(try AdapterFolder(files.url).adapter(for: base), try adapter())
        #expect(try AdapterFiles.contents(of: files.url)["README.md"] == Data("about it".utf8))
    }

    @Test("over the folder that it was loaded from")
    func ontoItself() throws {
        try adapter().save(to: folder, for: base)
        let loaded = try AdapterFolder(folder).adapter(for: base)
        try loaded.save(to: folder, for: base)
        expectEqual(loaded, try adapter())
        expectEqual(try AdapterFolder(folder).adapter(for: base), try adapter())
    }

    @Test("never over somebody else's files, or a file")
    func foreign() throws {
        try temporary.write("precious".utf8, to: "adapter/thesis.txt")
        try temporary.write("old".utf8, to: "adapter/adapter_config.json")
        let before = try AdapterFiles.contents(of: temporary.url)
        let error = #expect(throws: FileError.self) { try adapter().save(to: folder, for: base) }
        #expect(error?.description.contains("thesis.txt") == true)
        try temporary.write("a file".utf8, to: "file")
        let file = temporary.url.appending(path: "file")
        #expect(throws: FileError.self) { try adapter().save(to: file, for: base) }
        #expect(throws: FileError.self) { try adapter().save(to: file.appending(path: "below/adapter"), for: base) }
        var after = try AdapterFiles.contents(of: temporary.url)
        #expect(after.removeValue(forKey: "file") == Data("a file".utf8))
        #expect(after == before)
    }

    @Test("and a destination can be checked before a long run")
    func destination() throws {
        try AdapterFolder.checkDestination(folder)
        try AdapterFolder.checkDestination(temporary.url.appending(path: "new/deeper/adapter"))
        try adapter().save(to: folder, for: base)
        try AdapterFolder.checkDestination(folder)
        try temporary.write("precious".utf8, to: "adapter/thesis.txt")
        let foreign = #expect(throws: FileError.self) { try AdapterFolder.checkDestination(folder) }
        #expect(foreign?.description.contains("thesis.txt") == true)
        let file = try temporary.write("x".utf8, to: "file")
        let isFile = #expect(throws: FileError.self) { try AdapterFolder.checkDestination(file) }
        #expect(isFile?.description.contains("it is a file") == true)
        let below = file.appending(path: "adapter")
        #expect(throws: FileError.self) { try AdapterFolder.checkDestination(below) }
    }

    @Test("into folders that are made on the way")
    func parents() throws {
        let deep = temporary.url.appending(path: "a/b/adapter")
        try adapter().save(to: deep, for: base)
        expectEqual(try AdapterFolder(deep).adapter(for: base), try adapter())
    }

    #if compiler(>=6.2) && canImport(Glibc)
    @Test("a full disk leaves the earlier adapter, and nothing half-written")
    func fullDisk() async {
        await #expect(processExitsWith: .success) {
            let test = try AdapterFolderSavingTests()
            try test.adapter(seed: 1).save(to: test.folder, for: test.base)
            let before = try AdapterFiles.contents(of: test.temporary.url)
            // A limit on file sizes fails a write half-way through the tensors, as a full disk would.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 9_000, rlim_max: .max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let error = #expect(throws: FileError.self) {
                try test.adapter(rank: 20, seed: 2).save(to: test.folder, for: test.base)
            }
            #expect(error?.path.hasSuffix("adapter_model.safetensors") == true)
            #expect(throws: FileError.self) {
                try test.adapter(rank: 20).save(to: test.temporary.url.appending(path: "x/new"), for: test.base)
            }
            #expect(try AdapterFiles.contents(of: test.temporary.url) == before)
            #expect(before.count == 3)
        }
    }
    #endif

    @Test("a method without a format on disk is refused")
    func noFormat() throws {
        let unknown = try AdapterBundle(WholeModel(), for: base.architecture, labels: ["a", "b", "c"])
        let error = #expect(throws: AdapterFolderError.self) { try unknown.save(to: folder, for: base) }
        #expect(error?.description == "the method whole declares no format on disk; conform it to PEFTFolderMethod")
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
}
