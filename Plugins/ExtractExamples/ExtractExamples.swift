import Foundation
import PackagePlugin

/// Gives a target the Swift examples of the documentation: of the README, of the pages in `Documentation` and in the catalogues,
/// and of the doc comments in `Sources`.
@main
struct ExtractExamples: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        let root = context.package.directoryURL
        let files = files(under: "Documentation", in: root) + files(under: "Sources", in: root)
        let pages = ["README.md", "CONTRIBUTING.md"] + files.filter { $0.hasSuffix(".md") }.sorted()
        let sources = files.filter { $0.hasSuffix(".swift") }.sorted()
        let folder = context.pluginWorkDirectoryURL
        let outputs = pages.map { page in
            folder.appending(path: page.dropLast(3).replacing("/", with: "_") + ".swift")
        }
        let comments = folder.appending(path: "DocComments.swift")
        return [
            .buildCommand(
                displayName: "Taking the examples out of the documentation",
                executable: try context.tool(named: "extract-examples").url,
                arguments: [root.path, comments.path] + zip(pages, outputs).flatMap { [$0, $1.path] },
                inputFiles: (pages + sources).map { root.appending(path: $0) },
                outputFiles: outputs + [comments]
            )
        ]
    }

    private func files(under folder: String, in root: URL) -> [String] {
        let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        return (names?.compactMap { $0 as? String } ?? []).map { "\(folder)/\($0)" }
    }
}
