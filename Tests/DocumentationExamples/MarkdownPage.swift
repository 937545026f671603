package import Foundation

/// A page of the documentation with its examples.
package struct MarkdownPage: ExampleFile {
    package let file: String
    package let fences: [Fence]

    /// A page with some content.
    ///
    /// - Throws: ``ExampleError``.
    package init(_ file: String, text: String) throws {
        self.file = file
        fences = try Fence.all(in: NumberedLine.all(of: text), of: file)
    }

    /// The programs that its Swift blocks are.
    package var programs: [Program] {
        var programs: [[Fence]] = []
        for fence in fences where fence.language == "swift" {
            switch fence.note {
            case .notRun, .excerpt: continue
            case .newProgram: programs.append([fence])
            case nil where programs.isEmpty: programs.append([fence])
            case nil: programs[programs.count - 1].append(fence)
            }
        }
        let name = file.hasSuffix(".md") ? String(file.dropLast(3)) : file
        return programs.enumerated().map { index, blocks in
            Program(name: index == 0 ? name : "\(name)#\(index + 1)", blocks)
        }
    }

    /// What its shell blocks say, as one script; nil where there is none to run.
    package var script: String? {
        let blocks = fences.filter { fence in
            if case .notRun = fence.note { return false }
            return fence.language == "sh"
        }
        return blocks.isEmpty ? nil : blocks.flatMap(\.lines).joined(separator: "\n") + "\n"
    }

    /// The pages of a repository, from its root, in order: the README, `Documentation`, and the catalogues in `Sources`.
    package static func all(in repository: URL) throws -> [String] {
        let pages = files(under: "Documentation", in: repository) + files(under: "Sources", in: repository)
        return ["README.md", "CONTRIBUTING.md"] + pages.filter { $0.hasSuffix(".md") }.sorted()
    }

    /// The files in a folder of the repository and in the folders in it.
    package static func files(under folder: String, in repository: URL) -> [String] {
        let names = FileManager.default.enumerator(atPath: repository.appending(path: folder).path)
        return (names?.compactMap { $0 as? String } ?? []).map { "\(folder)/\($0)" }
    }
}
