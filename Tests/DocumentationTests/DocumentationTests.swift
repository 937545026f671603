import DocumentationExamples
import Foundation
import TestSupport
import Testing

private let canRun = ["minilm", "smollm2", "reviews"].allSatisfy(FetchedFiles.canTest)

/// One after the other: each computes with all processors.
@Suite("The documentation's examples", .serialized)
struct DocumentationTests {
    @Test("Every page can be read, and every block says what it is written in")
    func languages() throws {
        let pages = try MarkdownPage.all(in: Repository.root).map { try MarkdownPage($0, in: Repository.root) }
        #expect(pages.count > 20)
        let known: Set = ["swift", "sh", "json", "jsonl", "yaml", "text", "csv", "python"]
        for fence in pages.flatMap(\.fences) {
            #expect(known.contains(fence.language), "\(fence.place): '\(fence.language)' is none of \(known.sorted())")
        }
        for file in try DocComments.all(in: Repository.root) {
            #expect(throws: Never.self) { try DocComments(file, in: Repository.root) }
        }
    }

    @Test("Hardly anything is left out")
    func leftOut() {
        let reasons = Repository.pages.flatMap(\.fences).compactMap { fence -> String? in
            guard case .notRun(let reason) = fence.note else { return nil }
            return "\(fence.place): \(reason)"
        }
        #expect(reasons.count <= 8, "\(reasons.joined(separator: "\n"))")
        #expect(Repository.programs.count >= 17)
        #expect(Repository.comments.count >= 45)
    }

    @Test("What is shown of a file is in it", arguments: Repository.pages.flatMap(\.fences).filter(\.isExcerpt))
    func excerpts(_ fence: Fence) throws {
        guard case .excerpt(let file) = fence.note else { return }
        let text = try String(contentsOf: Repository.root.appending(path: file), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(\.trimmedStart)
        let shown = fence.lines.map(\.trimmedStart)
        let starts = lines.indices.filter { lines[$0...].starts(with: shown) }
        #expect(starts.count == 1, "\(fence.place) is not in \(file)")
    }

    @Test("Every program runs and shows what it promises", .enabled(if: canRun), arguments: Repository.programs)
    func programs(_ name: String) async throws {
        let desk = try Desk()
        try await Adapters.shared.place(on: desk)
        let program = try await desk.run(program: name)
        try #require(program.status == 0, "\(program.errors)")
        try Promise.all[name]?.expectKept(by: program, on: desk)
    }

    @Test("Every promise is that of a program")
    func promises() {
        #expect(Set(Promise.all.keys).subtracting(Repository.programs).isEmpty)
    }

    @Test("Every example of a doc comment runs", .enabled(if: canRun), arguments: Repository.comments)
    func comments(_ name: String) async throws {
        let example = try await Desk().run(program: name)
        #expect(example.status == 0, "\(example.errors)")
    }

    @Test("Every shell command runs", .enabled(if: canRun), arguments: Repository.scripts)
    func commands(_ file: String) async throws {
        let page = try MarkdownPage(file, in: Repository.root)
        let lines = try #require(page.script).split(separator: "\n", omittingEmptySubsequences: false)
        // What `make` does is not done again, but its targets must be there.
        for command in lines where command.hasPrefix("make ") {
            let trial = "make -n " + command.dropFirst("make ".count)
            let make = try await Command.run("/bin/sh", ["-euc", trial], in: Repository.root)
            #expect(make.status == 0, "\(command): \(make.errors)")
        }
        let script = lines.filter { !$0.hasPrefix("make ") }.joined(separator: "\n")
        let desk = try Desk()
        try await Adapters.shared.place(on: desk)
        let shell = try await desk.run(script: script)
        #expect(shell.status == 0, "\(shell.output)\n\(shell.errors)")
    }
}

extension Fence {
    fileprivate var isExcerpt: Bool {
        if case .excerpt = note { true } else { false }
    }
}

extension StringProtocol {
    fileprivate var trimmedStart: String { String(drop { $0 == " " }) }
}
