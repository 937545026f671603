/// Blocks of a page that are one program: declarations stand for themselves, statements are one function.
package struct Program: Sendable {
    /// What it is run by: its page without `.md`, and a number from the page's second program on.
    package let name: String
    /// Its blocks in order.
    package let blocks: [Fence]

    package init(name: String, _ blocks: [Fence]) {
        self.name = name
        self.blocks = blocks
    }

    /// The function it becomes.
    package var function: String { "run_" + String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" }) }

    /// The modules it imports.
    package var imports: [String] { Array(Set(blocks.flatMap { SwiftBlock($0).imports })).sorted() }

    /// Its code without imports; errors in it are shown in the page, which is somewhere under `root`.
    package func source(root: String) -> String {
        let parts = blocks.map(SwiftBlock.init)
        let declarations = parts.filter(\.isDeclaration).map { $0.located(root: root) }
        let statements = parts.filter { !$0.isDeclaration }
        let body = statements.map { $0.located(root: root) + $0.uses }
        return (declarations + ["func \(function)() async throws {\n"] + body + ["}\n"]).joined()
    }
}

/// The code of a fence.
package struct SwiftBlock {
    private let fence: Fence

    package init(_ fence: Fence) {
        self.fence = fence
    }

    /// The modules it imports.
    package var imports: [String] { fence.lines.compactMap(Self.importedModule) }

    /// Whether its first line of code begins a declaration that can stand outside functions.
    package var isDeclaration: Bool {
        let first = fence.lines.first { line in
            let code = line.trimmed
            return !code.isEmpty && !code.hasPrefix("//") && Self.importedModule(line) == nil
        }
        guard let first else { return false }
        return first.hasPrefix("@") || Self.keywords.contains { first.hasPrefix($0 + " ") }
    }

    private static let keywords = [
        "public", "package", "internal", "private", "fileprivate", "final", "indirect", "struct", "enum", "extension",
        "func", "class", "actor", "protocol", "typealias",
    ]

    /// The code with its place, so that the compiler's messages name the page. Imports are left to the file.
    package func located(root: String) -> String {
        let code = fence.lines.map { Self.importedModule($0) == nil ? $0 : "" }
        let place = "#sourceLocation(file: \"\(root)/\(fence.file)\", line: \(fence.line))"
        return ([place] + code + ["#sourceLocation()"]).joined(separator: "\n") + "\n"
    }

    /// What it names and a page may leave without use, used.
    package var uses: String {
        let names = fence.lines.flatMap { line -> [String] in
            guard let name = line.firstMatch(of: #/^(?:let|var) (\w+|\([\w, ]+\))/#)?.1 else { return [] }
            return name.split { "(), ".contains($0) }.map(String.init)
        }
        return names.filter { $0 != "_" }.map { "_ = \($0)\n" }.joined()
    }

    private static func importedModule(_ line: String) -> String? {
        line.wholeMatch(of: #/import (\w+)\s*/#).map { String($0.1) }
    }
}
