import Foundation
import PEFTFormats
import Testing

@Suite("Converting and listing adapters")
struct ConvertAndListTests {
    @Test("list names every adapter of a folder")
    func listing() async throws {
        let scene = try Scene()
        try await scene.trained(output: "all")
        try await scene.trained("--method", "prefix", output: "all/virtual")
        try await scene.trained("--method", "lora,ia3", output: "all/stack")
        let list = try await Peft.run(["list", scene.path("all"), "--json"])
        let rows = try list.json().elements()
        #expect(try rows.map { try $0["name"].string() } == ["default", "stack", "virtual"])
        #expect(try rows.map { try $0["method"].string() } == ["lora", "lora,ia3", "prefix"])
        #expect(try rows[0]["labels"].strings() == ["negative", "neutral", "positive"])
        #expect(try rows[0]["base"].string().hasSuffix("model"))
        let files = ["adapter_config.json", "adapter_model.safetensors", "peftkit.json"]
        #expect(try rows[0]["bytes"].int() == files.reduce(0) { try $0 + scene.bytes("all/\($1)").count })
        let text = try await Peft.run(["list", scene.path("all")])
        #expect(text.lines.count == 4 && text.lines[0].hasPrefix("name "))
        #expect(text.lines[3].hasPrefix("virtual  prefix "))
    }

    @Test("list says why a folder has no adapters", arguments: ["model", "absent", "train.jsonl"])
    func nothingToList(name: String) async throws {
        let scene = try Scene()
        try await Peft.run(["list", scene.path(name)]).expectRefusal(scene.path(name), "is no adapter folder")
    }

    private func convert(_ scene: Scene, _ adapter: String, to layout: String, _ output: String) async throws
        -> Peft.Outcome
    {
        try await Peft.run([
            "convert", "--model", scene.path("model"), "--adapter", scene.path(adapter), "--to", layout, "--output",
            scene.path(output), "--json",
        ])
    }

    @Test("convert --to peft makes a projected prefix a table")
    func flattening() async throws {
        let scene = try Scene()
        try await scene.trained("--method", "prefix", "--prefix-projection", "--virtual-tokens", "3")
        #expect(scene.exists("adapter/peftkit.safetensors"))
        let outcome = try await convert(scene, "adapter", to: "peft", "table")
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(try outcome.json()["layout"].string() == "peft")
        #expect(!scene.exists("table/peftkit.safetensors"))
        #expect(try await abs(scene.loss(adapter: "table") - scene.loss(adapter: "adapter")) < 1e-6)
    }

    @Test("convert --to adapterhub writes AdapterHub's own form again")
    func adapterHub() async throws {
        let scene = try Scene()
        try await scene.trained("--method", "adapter")
        #expect(try await convert(scene, "adapter", to: "adapterhub", "again").status == 0)
        #expect(try scene.listing(of: "again") == scene.resultListing(of: "adapter"))
        for file in try scene.listing(of: "again") {
            #expect(try scene.bytes("again/\(file)") == scene.bytes("adapter/\(file)"))
        }
    }

    @Test("convert takes a stack apart and puts it together")
    func stacks() async throws {
        let scene = try Scene()
        try await scene.trained("--method", "ia3,prefix", "--virtual-tokens", "3")
        #expect(try await convert(scene, "adapter", to: "parts", "parts").status == 0)
        let list = try await Peft.run(["list", scene.path("parts"), "--json"]).json()
        #expect(try list.elements().map { try $0["name"].string() } == ["ia3", "prefix"])
        let stack = try await convert(scene, "parts", to: "stack", "stack")
        #expect(stack.status == 0 && stack.errors.isEmpty)
        #expect(try scene.listing(of: "stack") == scene.resultListing(of: "adapter"))
        #expect(try scene.bytes("stack/peftkit.json") == scene.bytes("adapter/peftkit.json"))
        #expect(try await scene.loss(adapter: "stack") == scene.loss(adapter: "adapter"))
    }

    @Test("convert warns that a stack has one head")
    func otherHeads() async throws {
        let scene = try Scene()
        try await scene.trained(output: "both/a")
        try await scene.trained("--method", "ia3", "--learning-rate", "1e-2", output: "both/b")
        let outcome = try await convert(scene, "both", to: "stack", "stack")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("warning: the stack has the head of a; that of b is another one"))
    }

    /// A method, a layout, and why the layout cannot hold it.
    static let unfitting: [(method: String, layout: String, reason: String)] = [
        ("adapter", "peft", "Python's peft has no bottleneck adapters; --to adapterhub holds them"),
        ("prompt", "peft", "peft would give other answers; train it with --prompt-pooler peft"),
        ("lora,ia3", "peft", "take it apart with --to parts"),
        ("lora", "adapterhub", "not for the method lora; --to peft holds it"),
        ("ia3", "parts", "an adapter of the method ia3 has no parts"),
        ("lora", "stack", "holds one adapter only"),
    ]

    @Test("convert says why a layout cannot hold an adapter", arguments: unfitting.indices)
    func refusals(index: Int) async throws {
        let (method, layout, reason) = Self.unfitting[index]
        let scene = try Scene()
        try await scene.trained("--method", method)
        try await scene.expectNothingWritten {
            try await convert(scene, "adapter", to: layout, "other").expectRefusal(scene.path("adapter"), reason)
        }
    }
}
