import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("Merging, whatever the method")
struct MethodMergingTests {
    let base: FrozenModel<BERT>
    let examples = Sentences.uneven

    init() throws {
        base = try Golden.model("classifier")
    }

    @Test("the merged base answers like the base with the adapter", arguments: MethodCase.mergeable)
    func merged(_ this: MethodCase) throws {
        let adapter = try this.trained(on: base.architecture)
        let merged = try base.merging(adapter)
        let with = Pass(base.architecture, adapter, examples).logits
        #expect(Agreement.relative(Pass(merged.architecture, nil, examples).logits, with) < 1e-5)
        #expect(Agreement.relative(Pass(base.architecture, nil, examples).logits, with) > 1e-2)
        #expect(merged.architecture.labels == MethodCase.labels)
    }

    @Test("a checkpoint of the merged base opens again with the same logits", arguments: MethodCase.mergeable)
    func checkpoint(_ this: MethodCase) throws {
        let temporary = try TemporaryFolder()
        let merged = try base.merging(this.trained(on: base.architecture))
        let folder = temporary.url.appending(path: "merged")
        try merged.save(to: folder)
        let opened = try FrozenModel<BERT>.open(folder)
        #expect(
            Pass(opened.architecture, nil, examples).logits == Pass(merged.architecture, nil, examples).logits
        )
        #expect(opened.architecture.labels == MethodCase.labels)
        #expect(opened.report.newlyInitialisedKeys.isEmpty)
    }

    @Test("what no weights can do is refused with the reason", arguments: MethodCase.notMergeable)
    func refused(_ this: MethodCase) throws {
        let adapter = try this.trained(on: base.architecture)
        let error = #expect(throws: MergeError.self) { try base.merging(adapter) }
        #expect(error?.description.contains("cannot be merged: it ") == true)
    }

    @Test("a NaN or an infinity is an error that names the tensor", arguments: [Float.nan, .infinity])
    func notFinite(_ bad: Float) throws {
        var adapter = try MethodCase(name: "", method: LoRA(rank: 2)).trained(on: base.architecture)
        adapter.visitParameters { parameter in
            guard parameter.path == "bert.encoder.layer.1.attention.self.query.lora_B.weight" else { return }
            parameter.value.withUnsafeMutableFloats { $0[3] = bad }
        }
        let error = #expect(throws: MergeError.self) { try base.merging(adapter) }
        #expect(error?.description.contains("bert.encoder.layer.1.attention.self.query.weight") == true)
    }

    @Test("a tensor that another one shares its memory with is not changed alone")
    func tied() throws {
        func path(_ block: Int) -> String { "bert.encoder.layer.\(block).attention.self.query.weight" }
        let shared = try #require(base.architecture.parameters.first { $0.path == path(0) }).value
        let tied = base.replacing(base.architecture.replacing([path(1): shared]))
        let one = try MethodCase(name: "", method: LoRA(targets: ["query"], layers: [0])).trained(on: tied.architecture)
        let error = #expect(throws: MergeError.self) { try tied.merging(one) }
        #expect(error?.description.contains("\(path(0)) and \(path(1)) are one tensor") == true)
        // Somewhere else it does not matter.
        let other = try MethodCase(name: "", method: LoRA(targets: ["value"])).trained(on: tied.architecture)
        _ = try tied.merging(other)
    }

    @Test("a checkpoint never takes the place of another folder's files")
    func destination() throws {
        let temporary = try TemporaryFolder()
        try temporary.write("mine".utf8, to: "model/config.json")
        let folder = temporary.url.appending(path: "model")
        let merged = try base.merging(MethodCase.all[0].trained(on: base.architecture))
        #expect(throws: FileError.self) { try merged.save(to: folder) }
        #expect(throws: FileError.self) { try FrozenModel<BERT>.checkDestination(folder) }
        #expect(try String(contentsOf: folder.appending(path: "config.json"), encoding: .utf8) == "mine")
    }
}
