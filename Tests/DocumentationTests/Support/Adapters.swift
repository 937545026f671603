import Foundation

/// Adapters that the README's program and that of the language models have trained, for programs that read some.
actor Adapters {
    static let shared = Adapters()

    private var made: Task<(films: Desk, plays: Desk), any Error>?

    /// Puts them on a desk: `films`, `books` and `topics` of MiniLM, `plays` of SmolLM2.
    func place(on desk: Desk) async throws {
        let (films, plays) = try await trained()
        for name in ["films", "books", "topics"] { try copy(films.url("adapter"), to: desk.url(name)) }
        try copy(plays.url("assistant"), to: desk.url("plays"))
    }

    private func trained() async throws -> (films: Desk, plays: Desk) {
        if let made { return try await made.value }
        let making = Task {
            let (films, plays) = (try Desk(), try Desk())
            for (desk, name) in [(films, "README"), (plays, "Documentation/LanguageModels")] {
                let program = try await desk.run(program: name)
                guard program.status == 0 else { throw Failure(description: program.errors) }
            }
            return (films: films, plays: plays)
        }
        made = making
        return try await making.value
    }

    private func copy(_ original: URL, to copy: URL) throws { try FileManager.default.copyItem(at: original, to: copy) }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
