import Foundation
import TestSupport

/// A fresh folder with what the documentation's programs and commands read, in which they are run.
final class Desk: Sendable {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["minilm", "bert"] { try link(FetchedFiles.url("minilm"), as: name) }
        try link(FetchedFiles.url("smollm2"), as: "smollm2")
        let language = FetchedFiles.url("smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
        for name in ["SmolLM2.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf"] { try link(language, as: name) }
        let llama = Repository.root.appending(path: "Tests/Golden/decoders/models/llama/checkpoint")
        try FileManager.default.createDirectory(at: url("models"), withIntermediateDirectories: true)
        try link(llama, as: "models/Llama-3.2-1B")
        try writeReviews()
        try writeTexts()
    }

    func url(_ name: String) -> URL { folder.url.appending(path: name) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: url(name).path) }

    func link(_ original: URL, as name: String) throws {
        try FileManager.default.createSymbolicLink(at: url(name), withDestinationURL: original)
    }

    func write(_ text: String, to name: String) throws { try folder.write(text.utf8, to: name) }

    /// Runs a program of the documentation.
    func run(program name: String) async throws -> Command {
        let executable = try Command.products.appending(path: "documentation-programs").path
        return try await Command.run(executable, [name], in: folder.url, environment: try await environment())
    }

    /// Runs a script in which `peft` and `.build/release/peft` are the built command.
    func run(script: String) async throws -> Command {
        let products = try Command.products
        try FileManager.default.createDirectory(at: url(".build"), withIntermediateDirectories: true)
        if !exists(".build/release") { try link(products, as: ".build/release") }
        var environment = try await environment()
        environment["PATH"] = "\(products.path):\(environment["PATH"] ?? "/usr/bin:/bin")"
        return try await Command.run("/bin/sh", ["-euc", script], in: folder.url, environment: environment)
    }

    /// The tests' own, with a cache of the hub.
    private func environment() async throws -> [String: String] {
        try await ProcessInfo.processInfo.environment.merging(DownloadedModels.shared.environment()) { $1 }
    }

    /// Real reviews, a few for each purpose.
    private func writeReviews() throws {
        func lines(_ file: String, _ count: Int) throws -> [Substring] {
            let text = try String(contentsOf: FetchedFiles.url("reviews/\(file)"), encoding: .utf8)
            return Array(text.split(separator: "\n").prefix(count))
        }
        func text(_ lines: [Substring]) -> String { lines.map { $0 + "\n" }.joined() }
        let train = try lines("train.jsonl", 32)
        try write(text(train), to: "train.jsonl")
        try write(text(train), to: "reviews.jsonl")
        try write(text(try lines("validation.jsonl", 16)), to: "held-out.jsonl")
        try write(text(try lines("test.jsonl", 16)), to: "test.jsonl")
        try write(
            "text,label\nA warm film.,positive\nA dull film.,negative\nGood.,positive\nBad.,negative\n",
            to: "train.csv"
        )
        let mixed = ["films", "topics"].map {
            "{\"text\": \"A warm film.\", \"label\": \"positive\", \"adapter\": \"\($0)\"}\n"
        }
        try write(mixed.joined(), to: "mixed.jsonl")
    }

    /// Texts for language models.
    private func writeTexts() throws {
        let questions = (1...4).map { "{\"prompt\": \"Q\($0): who rules Averna?\", \"completion\": \" A council.\"}\n" }
        try write(questions.joined(), to: "questions.jsonl")
        try write("{\"text\": \"Once upon a time there was a ship.\"}\n", to: "stories.jsonl")
        try write("The capital of Averna is\nWater boils at\n", to: "prompts.txt")
        try write(String(repeating: "The sea is deep and the sky is high.\n", count: 20), to: "book.txt")
    }
}
