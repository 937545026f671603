import Foundation
import PEFTFormats
import Testing

@Suite("Texts continued on the command line")
struct GenerationTests {
    let language: LanguageScene
    var scene: Scene { language.scene }

    init() throws {
        language = try LanguageScene()
    }

    @Test("one comes as it is, several as JSON lines in their order, with the same text")
    func prompts() async throws {
        let one = try await language.run("generate", "--prompt", "the sky is", "--max-tokens", "9")
        try #require(one.status == 0, "\(one.errors)")
        let several = try await language.run(
            "generate",
            "--prompt",
            "the sea is deep",
            "--prompt",
            "the sky is",
            "--max-tokens",
            "9"
        )
        let lines = try several.jsonLines()
        #expect(lines.count == 2)
        #expect(try one.output == lines[1]["text"].string() + "\n")
        #expect(try lines[1]["tokens"].elements().count <= 9)
        #expect(try ["length", "end"].contains(lines[1]["reason"].string()))
    }

    @Test("of a file, in its order")
    func file() async throws {
        try scene.write("the sky is\nthe hill\nthe sea\n", to: "prompts.txt")
        let outcome = try await language.run("generate", "--input", scene.path("prompts.txt"), "--max-tokens", "3")
        #expect(outcome.status == 0)
        #expect(try outcome.jsonLines().map { try $0["tokens"].elements().count }.allSatisfy { $0 <= 3 })
        #expect(outcome.lines.count == 3)
    }

    @Test("by chance that the seed decides, and up to a stop string")
    func options() async throws {
        func generate(_ options: String...) async throws -> String {
            let outcome = try await Peft.run(
                ["generate", "--model", scene.path("language"), "--prompt", "the sky is", "--json"] + options
            )
            try #require(outcome.status == 0, "\(outcome.errors)")
            return try outcome.json()["text"].string()
        }
        let chance = ["--temperature", "3", "--top-p", "0.99", "--max-tokens", "30"]
        let first = try await generate(chance[0], chance[1], chance[2], chance[3], chance[4], chance[5], "--seed", "1")
        let again = try await generate(chance[0], chance[1], chance[2], chance[3], chance[4], chance[5], "--seed", "1")
        let other = try await generate(chance[0], chance[1], chance[2], chance[3], chance[4], chance[5], "--seed", "2")
        #expect(first == again && first != other)
        let stop = String(first.dropFirst(4).prefix(2))
        let cut = try await generate(
            chance[0],
            chance[1],
            chance[2],
            chance[3],
            chance[4],
            chance[5],
            "--seed",
            "1",
            "--stop",
            stop
        )
        #expect(!cut.contains(stop) && first.hasPrefix(cut))
    }

    @Test("by an adapter, or by one of several that have names")
    func adapters() async throws {
        let training = try await language.train("texts.jsonl", "--learning-rate", "5e-2")
        try #require(training.status == 0, "\(training.errors)")
        let adapter = scene.path("adapter")
        func text(_ options: String...) async throws -> String {
            let outcome = try await Peft.run(
                ["generate", "--model", scene.path("language"), "--prompt", "the sky is", "--max-tokens", "12"]
                    + options
            )
            try #require(outcome.status == 0, "\(outcome.errors)")
            return outcome.output
        }
        let (base, adapted) = (try await text(), try await text("--adapter", adapter))
        #expect(base != adapted)
        #expect(try await text("--adapter", "a=\(adapter)", "--use", "a") == adapted)
        #expect(try await text("--adapter", "a=\(adapter)") == base)
    }

    @Test("a conversation goes on line by line, each answer with what was said before")
    func chat() async throws {
        func answers(_ lines: String, _ options: String = "") async throws -> String {
            let model = scene.path("language")
            let outcome = try await Peft.shell(
                "printf '\(lines)' | $PEFT chat --model '\(model)' --max-tokens 8 \(options)"
            )
            try #require(outcome.status == 0, "\(outcome.errors)")
            return outcome.output
        }
        let (sky, sea) = (try await answers("the sky\\n"), try await answers("the sea\\n"))
        #expect(sky.count > 1 && sky.hasSuffix("\n"))
        // Empty lines are passed over; after /new nothing was said, and after /exit nothing is read.
        #expect(try await answers("the sky\\n\\n/new\\nthe sky\\n/exit\\nthe hill\\n") == sky + sky)
        let both = try await answers("the sky\\nthe sea\\n")
        #expect(both.hasPrefix(sky) && both != sky + sea)
        #expect(try await answers("the sky\\n", "--system 'the sun is warm'") != sky)
    }

    @Test("what makes no sense is refused by one sentence")
    func refusals() async throws {
        try await language.run("generate").expectRefusal(code: 64, "give either --prompt, once or more, or --input")
        try await language.run("generate", "--prompt", "a", "--top-k", "3")
            .expectRefusal(code: 64, "at a temperature of 0 there is none; give --temperature")
        try await language.run("generate", "--prompt", "a", "--temperature", "-1")
            .expectRefusal(code: 64, "the temperature is -1.0; it must be at least 0")
        try await language.run("generate", "--prompt", "a", "--use", "b")
            .expectRefusal(code: 64, "--use b names none of the adapters")
        try await language.run("generate", "--prompt", String(repeating: "a", count: 60))
            .expectRefusal("the prompt has 60 tokens", "shorten the prompt")
        try scene.write("{\"tokenizer_class\": \"X\"}", to: "language/tokenizer_config.json")
        try await language.run("chat").expectRefusal("has no chat template")
    }
}
