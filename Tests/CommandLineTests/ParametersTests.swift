import Foundation
import PEFTFormats
import Testing

@Suite("The table of trained parameters")
struct ParametersTests {
    private func parameters(_ scene: Scene, _ options: String...) async throws -> Peft.Outcome {
        let outcome = try await Peft.run(["parameters", "--model", scene.path("model")] + options)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    @Test("has each tensor at its module and the totals, and writes nothing")
    func table() async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            let text = try await parameters(scene, "--rank", "4", "--targets", "query")
            #expect(text.output.contains("bert.encoder.layer.0.attention.self.query "))
            #expect(text.lines.contains { $0.hasPrefix("  lora_A.weight ") && $0.hasSuffix(" [4, 32]  128") })
            let json = try await parameters(scene, "--rank", "4", "--targets", "query", "--json").json()
            let trainable = 3 * (4 * 32 + 32 * 4) + 3 * 33
            #expect(try json["trainable"].int() == trainable)
            #expect(try json["modules"].elements().count == 4)
            #expect(try json["modules"].elements()[0]["tensors"].elements()[1]["shape"].ints() == [32, 4])
            #expect(try json["percentage"].double() == 100 * Double(trainable) / Double(json["all"].int()))
            #expect(text.lines.last?.hasPrefix("trainable params: \(trainable) || all params: ") == true)
        }
    }

    @Test("of a fresh adapter is that of the trained one")
    func trained() async throws {
        let scene = try Scene()
        try await scene.trained("--method", "bitfit")
        let fresh = try await parameters(scene, "--method", "bitfit", "--json")
        let trained = try await parameters(scene, "--from-adapter", scene.path("adapter"), "--json")
        #expect(fresh.output == trained.output)
    }

    @Test("has a head of as many classes as asked for")
    func classes() async throws {
        let scene = try Scene()
        let five = try await parameters(scene, "--classes", "5", "--json").json()
        let own = try await parameters(scene, "--json").json()
        #expect(try five["trainable"].int() - own["trainable"].int() == 2 * 33)
        #expect(try five["all"].int() - own["all"].int() == 4 * 33)
    }

    @Test("refuses what does not fit the model")
    func refusals() async throws {
        let scene = try Scene()
        try await Peft.run(["parameters", "--model", scene.path("model"), "--targets", "qeury"])
            .expectRefusal("qeury", "query")
    }
}
