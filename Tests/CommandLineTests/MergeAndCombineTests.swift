import Foundation
import PEFTFormats
import Testing

@Suite("Merging and combining adapters")
struct MergeAndCombineTests {
    private func merge(_ scene: Scene, _ adapter: String, model: String = "model", to output: String = "merged")
        async throws -> Peft.Outcome
    {
        try await Peft.run([
            "merge", "--model", scene.path(model), "--adapter", scene.path(adapter), "--output", scene.path(output),
            "--json",
        ])
    }

    @Test(
        "merge writes a model that answers like the base with the adapter",
        arguments: ["lora", "dora", "ia3", "bitfit"]
    )
    func merging(method: String) async throws {
        let scene = try Scene()
        try await scene.trained("--method", method, "--epochs", "3", "--learning-rate", "1e-2")
        let outcome = try await merge(scene, "adapter")
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(try outcome.json()["output"].string() == scene.path("merged"))
        #expect(try outcome.json()["method"].string() == method)
        #expect(try scene.listing(of: "merged") == ["config.json", "model.safetensors", "vocab.txt"])
        let adapted = try await scene.loss(adapter: "adapter")
        #expect(try await abs(scene.loss(model: "merged") - adapted) < 1e-5)
        #expect(try await abs(scene.loss() - adapted) > 1e-3)
    }

    @Test("merge refuses what no weights can do, another base, and a folder that is not empty")
    func mergingRefusals() async throws {
        let scene = try Scene()
        try await scene.trained("--method", "prefix")
        try await scene.trained(output: "lora")
        try scene.copy(scene.url("model"), to: "other")
        var draft = try SafetensorsDraft(scene.url("other/model.safetensors"))
        try draft.negate("bert.pooler.dense.weight")
        try draft.write(to: scene.url("other/model.safetensors"))
        try await scene.expectNothingWritten {
            try await merge(scene, "adapter").expectRefusal("the method prefix cannot be merged")
            try await merge(scene, "lora", to: "model").expectRefusal(scene.path("model"))
            try await merge(scene, "absent").expectRefusal(scene.path("absent"), "there is no such folder")
            try await merge(scene, "lora", model: "other").expectRefusal("was trained on another base")
        }
    }

    @Test("combine adds LoRAs with weights, and has the head asked for")
    func combining() async throws {
        let scene = try Scene()
        try await scene.trained("--seed", "1", output: "a")
        try await scene.trained("--seed", "2", "--rank", "4", output: "b")
        let combine = ["combine", "--model", scene.path("model"), "--output", scene.path("ab")]
        let adapters = ["--adapter", "a=\(scene.path("a")):0.5", "--adapter", "b=\(scene.path("b")):-1"]
        let exact = try await Peft.run(combine + adapters + ["--head", "b", "--json"])
        try #require(exact.status == 0, "\(exact.errors)")
        #expect(try exact.json()["adapters"].elements().map { try $0["weight"].double() } == [0.5, -1])
        #expect(try exact.json()["kind"].string() == "cat")
        #expect(try await rank(scene) == 12)
        let both = ["--adapter", "a=\(scene.path("a"))", "--adapter", "b=\(scene.path("b"))", "--weights", "1,0.5"]
        let ties = ["--kind", "ties_svd", "--density", "0.6", "--rank", "3", "--majority-sign", "frequency"]
        let truncated = try await Peft.run(combine + both + ties)
        #expect(truncated.output == "the combined adapter is in \(scene.path("ab"))\n")
        #expect(try await rank(scene) == 3)
        #expect(try await scene.loss(adapter: "ab").isFinite)
    }

    private func rank(_ scene: Scene) async throws -> Int {
        try await Peft.run(["inspect", scene.path("ab"), "--json"]).json()["rank"].int()
    }

    @Test("combine of one LoRA with weight 1 is that LoRA")
    func oneAdapter() async throws {
        let scene = try Scene()
        try await scene.trained("--epochs", "3", "--learning-rate", "1e-2")
        let outcome = try await Peft.run([
            "combine", "--model", scene.path("model"), "--adapter", "a=\(scene.path("adapter"))", "--output",
            scene.path("same"),
        ])
        #expect(outcome.status == 0)
        #expect(try await abs(scene.loss(adapter: "same") - scene.loss(adapter: "adapter")) < 1e-5)
    }

    @Test("combine refuses other methods, unequal ranks where they must be equal, and adapters of other bases")
    func combiningRefusals() async throws {
        let scene = try Scene()
        try await scene.trained("--seed", "1", output: "a")
        try await scene.trained("--rank", "4", output: "b")
        try await scene.trained("--method", "ia3", output: "c")
        let other = try Scene(checkpoint: "masked-lm")
        try await other.trained(output: "d")
        func combine(_ second: String, _ options: String...) async throws -> Peft.Outcome {
            let adapters = ["--adapter", "x=\(scene.path("a"))", "--adapter", "y=\(second)"]
            return try await Peft.run(
                ["combine", "--model", scene.path("model"), "--output", scene.path("out")] + adapters + options
            )
        }
        try await scene.expectNothingWritten {
            try await combine(scene.path("c"))
                .expectRefusal("adapter 2 is of the method ia3; only LoRAs can be combined")
            try await combine(scene.path("b"), "--kind", "linear")
                .expectRefusal("linear needs adapters of equal rank", "8, 4")
            try await combine(other.path("d")).expectRefusal(other.path("d"), "was trained on another base")
            try await combine(scene.path("absent")).expectRefusal(scene.path("absent"))
        }
    }
}

extension Scene {
    /// The loss of a model, with or without an adapter, on the scene's labelled texts.
    func loss(model: String = "model", adapter: String? = nil) async throws -> Double {
        let options = adapter.map { ["--adapter", path($0)] } ?? []
        let outcome = try await Peft.run(
            ["evaluate", "--model", path(model), "--data", path("test.jsonl"), "--json"] + options
        )
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try outcome.json()["loss"].double()
    }
}
