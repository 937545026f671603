import Foundation
import TestSupport

/// Adapters for programs and commands that read some.
actor Adapters {
    static let shared = Adapters()

    private var made: Task<Desk, any Error>?

    /// Puts them on a desk: `films`, `books` and `topics` of MiniLM, `plays` of SmolLM2; and one where its name on the hub
    /// is looked for first.
    func place(on desk: Desk) async throws {
        let trained = try await trained()
        try FileManager.default.createDirectory(at: desk.url("owner"), withIntermediateDirectories: true)
        for name in ["films", "books", "topics", "owner/adapter"] {
            try FileManager.default.copyItem(at: trained.url("films"), to: desk.url(name))
        }
        try FileManager.default.copyItem(at: trained.url("plays"), to: desk.url("plays"))
    }

    private func trained() async throws -> Desk {
        if let made { return try await made.value }
        let making = Task {
            let desk = try Desk()
            let script = """
                peft train --model minilm --train train.jsonl --epochs 2 --output films
                peft train --model SmolLM2.gguf --train questions.jsonl --max-steps 1 --max-length 64 --output plays
                """
            let training = try await desk.run(script: script)
            guard training.status == 0 else { throw Failure(description: training.errors) }
            return desk
        }
        made = making
        return try await making.value
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
