import DocumentationExamples

/// The file with a page's programs.
struct PageSource {
    let text: String

    init(_ page: MarkdownPage, root: String) {
        let programs = page.programs
        let imports = Set(programs.flatMap(\.imports)).sorted().map { "import \($0)\n" }
        text = (imports + programs.map { $0.source(root: root) }).joined()
    }
}

/// The file with the examples of doc comments, each a method of its context, and the list of all programs.
struct CommentSource {
    let text: String

    init(_ comments: [DocComments], _ programs: [Program], root: String) {
        var code = "import Foundation\nimport PEFTKit\n#if Logging\nimport Logging\nimport PEFTLogging\n#endif\n"
        var list = "let programs: [(name: String, run: @Sendable () async throws -> Void)] = {\n"
        list += "var programs: [(name: String, run: @Sendable () async throws -> Void)] = []\n"
        for program in programs { list += "programs.append((\"\(program.name)\", \(program.function)))\n" }
        var number = 0
        for file in comments {
            let (begin, end) = file.trait.map { ("#if \($0)\n", "#endif\n") } ?? ("", "")
            for example in file.examples {
                number += 1
                code += "\(begin)extension \(file.context) {\nfunc example\(number)() async throws {\n"
                code += example.block.located(root: root) + example.block.uses + "}\n}\n\(end)"
                list +=
                    "\(begin)programs.append((\"\(example.name)\", { try await \(file.context)().example\(number)() }))\n\(end)"
            }
        }
        text = code + list + "return programs\n}()\n"
    }
}
