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

    @Test("frozen blocks are remembered in as much memory as is given, from a file of options, too")
    func remembering() async throws {
        let scene = try Scene()
        let above = ["--layers", "1,2", "--base-dropout", "0", "--epochs", "2"]
        let plain = try await losses(scene, above)
        for size in ["1MB", "0.5 gib", "200000"] {
            let remembered = try await losses(scene, above + ["--remember-frozen-blocks", size])
            #expect(zip(remembered, plain).allSatisfy { abs($0 - $1) < 1e-6 } && remembered.count == plain.count)
        }
        let run = JSONReader(try JSONValue(contentsOf: scene.path("adapter/run.json")), source: "run.json")
        #expect(try run["options"]["remember-frozen-blocks"].string() == "200000")
        try scene.write("remember-frozen-blocks: 1MB\nlayers: [1, 2]\nbase-dropout: 0\n", to: "run.yaml")
        let outcome = try await scene.train("--config", scene.path("run.yaml"), "--json")
        let epoch = try #require(try outcome.json()["epochs"].elements().first)
        #expect(try epoch["remembered"]["texts"].int() == 8)
        #expect(outcome.errors.contains("remembering 1 frozen block\n"), "\(outcome.errors)")
    }

    @Test("remembering is refused where there is nothing to remember, and so is memory that is no size")
    func nothingToRemember() async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            try await scene.train("--layers", "2", "--remember-frozen-blocks", "1MB").expectRefusal(
                "the base's dropout makes the blocks below the adapter give other states in every step"
            )
            try await scene.train("--base-dropout", "0", "--remember-frozen-blocks", "1MB").expectRefusal(
                "no frozen blocks are below it to be remembered"
            )
            for size in ["much", "0", "-1GB", "1TB2", "nan", "inf GB", "1e300"] {
                try await scene.train("--remember-frozen-blocks=\(size)").expectRefusal(
                    code: 64,
                    "--remember-frozen-blocks"
                )
            }
        }
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
