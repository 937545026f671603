import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("Folders, whatever the method")
struct MethodFolderTests {
    let base: FrozenModel<BERT>
    let temporary: TemporaryFolder
    let examples = Sentences.uneven

    init() throws {
        base = try Golden.model("classifier")
        temporary = try TemporaryFolder()
    }

    private func folder(_ name: String) -> URL { temporary.url.appending(path: name) }

    @Test("save, load, save: the same bytes, and the same logits", arguments: MethodCase.stored)
    func roundTrip(_ this: MethodCase) throws {
        let adapter = try this.trained(on: base.architecture)
        try adapter.save(to: folder("first"), for: base)
        let opened = try AdapterFolder(folder("first"))
        #expect(type(of: opened.method).name == type(of: this.method).name)
        #expect(opened.warnings(for: base).isEmpty)
        let loaded = try opened.adapter(for: base)
        #expect(loaded.labels == MethodCase.labels && loaded.maximumLength == 32)
        let (before, after) = (Pass(base.architecture, adapter, examples), Pass(base.architecture, loaded, examples))
        #expect(Agreement.relative(after.logits, before.logits) < 1e-6)
        try loaded.save(to: folder("second"), for: base)
        #expect(try AdapterFiles.contents(of: folder("first")) == AdapterFiles.contents(of: folder("second")))
    }

    @Test("every missing, unexpected and mis-shaped tensor is named in one error", arguments: MethodCase.stored)
    func strict(_ this: MethodCase) throws {
        try this.trained(on: base.architecture).save(to: folder("spoilt"), for: base)
        for file in try tensorFiles(in: folder("spoilt")) {
            var draft: [String: Tensor] = [:]
            let source = try SafetensorsFile(path: file)
            for entry in source.entries { draft[entry.name] = try source.tensor(named: entry.name) }
            let names = draft.keys.sorted()
            let (missing, misshaped) = (names[0], names[names.count - 1])
            draft["surplus"] = .ones([2])
            if missing != misshaped {
                draft[misshaped] = .zeros([7, 3])
            }
            draft[missing] = nil
            var writer = SafetensorsWriter()
            for (name, tensor) in draft { writer.add(name, tensor) }
            let original = try Data(contentsOf: URL(filePath: file))
            try writer.write(to: file)
            let error = #expect(throws: (any Error).self) { try AdapterFolder(folder("spoilt")).adapter(for: base) }
            let text = error.map { "\($0)" } ?? ""
            for name in [missing, misshaped, "surplus"] { #expect(text.contains(name), "\(text)") }
            try original.write(to: URL(filePath: file))
        }
    }

    @Test("another base of the same shapes is refused, and one of other shapes too", arguments: MethodCase.stored)
    func otherBase(_ this: MethodCase) throws {
        try this.trained(on: base.architecture).save(to: folder("adapter"), for: base)
        let path = try #require(base.architecture.parameters.first { $0.path.hasSuffix("value.weight") })
        let changed = Tensor(path.value.shape, path.value.elements.map { $0 * 1.01 })
        let twin = base.replacing(base.architecture.replacing([path.path: changed]))
        for other in [twin, try Golden.model("relu")] {
            let error = #expect(throws: AdapterFolderError.self) {
                try AdapterFolder(folder("adapter")).adapter(for: other)
            }
            #expect(error?.description.contains("another base") == true)
        }
    }

    /// All files of tensors in a folder and its own folders.
    private func tensorFiles(in folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".safetensors") }
            .map { folder.appending(path: $0).path }
    }
}
