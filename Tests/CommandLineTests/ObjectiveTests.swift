import Foundation
import PEFTFormats
import Testing

@Suite("What a run minimises")
struct ObjectiveTests {
    private func losses(_ scene: Scene, _ options: [String], from data: String = "train.jsonl") async throws -> [Double]
    {
        let arguments = scene.arguments(data: data, output: "adapter") + options + ["--json"]
        let outcome = try await Peft.run(arguments)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try outcome.json()["losses"].elements().map { try $0.double() }
    }

    @Test("each option changes the loss, and computing blocks again does not")
    func options() async throws {
        let scene = try Scene()
        // The classes are those of the checkpoint, and one of them has no review.
        let data = try scene.write(Scene.reviews + "{\"text\": \"film\", \"label\": \"neutral\"}\n", to: "all.jsonl")
        #expect(!data.isEmpty)
        let plain = try await losses(scene, [], from: "all.jsonl")
        #expect(try await losses(scene, ["--gradient-checkpointing"], from: "all.jsonl") == plain)
        let changes = [
            ["--label-smoothing-factor", "0.2"], ["--class-weights", "balanced"], ["--class-weights", "1,2,3.5"],
            ["--neftune-noise-alpha", "20"],
        ]
        for change in changes { #expect(try await losses(scene, change, from: "all.jsonl") != plain, "\(change)") }
        // Nine examples, three classes: 9 / (3 · 4), 9 / (3 · 1), 9 / (3 · 4).
        let balanced = try await losses(scene, ["--class-weights", "balanced"], from: "all.jsonl")
        #expect(try await losses(scene, ["--class-weights", "0.75,3,0.75"], from: "all.jsonl") == balanced)
    }

    @Test("weights for other classes than there are, and balanced ones for a class without examples, are refused")
    func refused() async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            try await scene.train("--class-weights", "1,2").expectRefusal(
                "--class-weights has 2 numbers for 3 labels; give one for each, in this order: negative, neutral, positive"
            )
            try await scene.train("--class-weights", "balanced").expectRefusal("no example has the label 'neutral'")
        }
    }
}
