import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import TestModels
import TestSupport
import Testing

@Suite("A set of named adapters")
struct AdapterSetTests {
    let base: FrozenModel<BERT>

    init() throws {
        base = try Golden.model("classifier")
    }

    private func adapter(_ method: any AdapterMethod) throws -> AdapterBundle {
        try MethodCase(name: "", method: method).trained(on: base.architecture)
    }

    private func logits(_ adapter: AdapterBundle?) -> [[Double]] {
        Pass(base.architecture, adapter, Sentences.uneven, records: false).logits
    }

    @Test("attaching, enabling, disabling and removing give other sets and leave this one as it is")
    func lifecycle() throws {
        let (lora, scales) = (try adapter(LoRA()), try adapter(IA3()))
        let empty = AdapterSet()
        let one = try empty.adding(lora, named: "lora")
        let two = try one.adding(scales, named: "scales")
        #expect(empty.names.isEmpty && one.names == ["lora"] && two.names == ["lora", "scales"])
        #expect(two.enabledName == "lora")
        #expect(logits(two.enabled) == logits(lora))
        let other = try two.enabling("scales")
        #expect(logits(other.enabled) == logits(scales) && logits(two.enabled) == logits(lora))
        #expect(other.disabling().enabled == nil && other.disabling().names == two.names)
        let removed = try other.removing("scales")
        #expect(removed.names == ["lora"] && removed.enabled == nil)
        #expect(try other.removing("lora").enabledName == "scales")
    }

    @Test("a name that is taken, unknown or no name for a folder is an error that says so")
    func names() throws {
        let set = try AdapterSet().adding(adapter(LoRA()), named: "lora")
        let lora = try adapter(LoRA())
        let taken = #expect(throws: AdapterSetError.self) { try set.adding(lora, named: "lora") }
        #expect(taken?.description.contains("an adapter named \"lora\" already") == true)
        let unknown = #expect(throws: AdapterSetError.self) { try set.enabling("lara") }
        #expect(unknown?.description == "there is no adapter named \"lara\"; there is \"lora\"")
        #expect(throws: AdapterSetError.self) { try set.removing("x") }
        for name in ["", ".hidden", "a/b"] {
            #expect(throws: AdapterSetError.self) { try set.adding(lora, named: name) }
        }
    }

    @Test("a folder holds many: default in itself, others in folders of their names, as peft has it")
    func folders() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "adapters")
        let set = try AdapterSet().adding(adapter(LoRA()), named: "default").adding(adapter(IA3()), named: "scales")
            .adding(adapter(Stacked([LoRA(rank: 1), IA3()])), named: "both")
        try set.save(to: folder, for: base)
        let read = try AdapterSet(contentsOf: folder, for: base)
        #expect(read.names == ["default", "both", "scales"])
        for name in read.names { #expect(logits(read[name]) == logits(set[name])) }
        // An adapter alone does not take the place of several, which would be lost.
        #expect(throws: FileError.self) { try adapter(LoRA()).save(to: folder, for: base) }
        // A set takes the place of a set.
        try set.removing("scales").save(to: folder, for: base)
        #expect(try AdapterSet(contentsOf: folder, for: base).names == ["default", "both"])
        let alone = try AdapterFolder.all(in: folder.appending(path: "both"))
        #expect(alone.map(\.name) == ["default"] && alone[0].folder.method is Stacked)
        #expect(throws: AdapterFolderError.self) { try AdapterFolder.all(in: temporary.url.appending(path: "none")) }
    }
}
