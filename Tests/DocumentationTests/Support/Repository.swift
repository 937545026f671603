import DocumentationExamples
import Foundation

/// The pages whose examples are tested.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every page. A page that cannot be read fails the tests of the pages, and has no examples in others.
    static let pages: [MarkdownPage] = ((try? MarkdownPage.all(in: root)) ?? [])
        .compactMap { try? MarkdownPage($0, in: root) }

    static let programs = pages.flatMap(\.programs).map(\.name)

    static let scripts = pages.filter { $0.script != nil }.map(\.file)

    static let comments: [String] = ((try? DocComments.all(in: root)) ?? [])
        .compactMap { try? DocComments($0, in: root) }
        .flatMap { $0.examples.map(\.name) }
}
