import DocumentationExamples
import Testing

@Suite("Taking examples out of pages")
struct ExtractionTests {
    @Test("Blocks of a page are one program, until the page begins another")
    func programs() throws {
        let text = """
            ```swift
            let a = 1
            ```
            and
            ```swift
            let b = a
            ```
            <!-- example: new program -->
            ```swift
            let a = 2
            ```
            ```sh
            ls
            ```
            """
        let page = try MarkdownPage("Page.md", text: text)
        #expect(page.programs.map(\.name) == ["Page", "Page#2"])
        #expect(page.programs.map(\.blocks.count) == [2, 1])
        #expect(page.fences.map(\.line) == [2, 6, 10, 13])
        #expect(page.script == "ls\n")
    }

    @Test("What is not to be run, and excerpts, are in no program")
    func leftOut() throws {
        let text = """
            <!-- example: not run: a manifest -->
            ```swift
            x
            ```
            <!-- example: from A.swift -->
            ```swift
            y
            ```
            <!-- example: not run: asks for a password -->
            ```sh
            z
            ```
            """
        let page = try MarkdownPage("Page.md", text: text)
        #expect(page.programs.isEmpty)
        #expect(page.script == nil)
        let notes: [ExampleNote] = [
            .notRun(reason: "a manifest"), .excerpt(file: "A.swift"), .notRun(reason: "asks for a password"),
        ]
        #expect(page.fences.map(\.note) == notes)
    }

    @Test("A note that is not understood is an error with its place")
    func unknownNote() {
        #expect {
            try MarkdownPage("Page.md", text: "<!-- example: skip -->\n```swift\n```")
        } throws: { error in
            "\(error)".hasPrefix("Page.md:2: 'example: skip' is not understood")
        }
        #expect(throws: ExampleError.self) { try MarkdownPage("Page.md", text: "```swift\nlet a = 1") }
    }

    @Test("Declarations stand outside the function, statements in it, imports before both")
    func source() throws {
        let text = """
            ```swift
            import PEFTKit

            /// A thing.
            struct Thing {}
            ```
            ```swift
            import Foundation
            let (a, b) = (1, 2)
            func inner() {}
            ```
            """
        let program = try #require(try MarkdownPage("Page.md", text: text).programs.first)
        #expect(program.imports == ["Foundation", "PEFTKit"])
        let expected = """
            #sourceLocation(file: "/r/Page.md", line: 2)


            /// A thing.
            struct Thing {}
            #sourceLocation()
            func run_Page() async throws {
            #sourceLocation(file: "/r/Page.md", line: 8)

            let (a, b) = (1, 2)
            func inner() {}
            #sourceLocation()
            _ = a
            _ = b
            }

            """
        #expect(program.source(root: "/r") == expected)
    }

    @Test("A block in a list is taken without the list's indentation")
    func indentation() throws {
        let page = try MarkdownPage("Page.md", text: "1. Do\n   ```swift\n   if x {\n       y()\n   }\n   ```")
        #expect(page.fences.map(\.lines) == [["if x {", "    y()", "}"]])
    }

    @Test("Examples of doc comments know their file and line")
    func comments() throws {
        let code = """
            struct A {
                /// Says.
                ///
                /// ```swift
                /// let a = 1
                /// ```
                let b = 1
            }
            """
        let comments = try DocComments("Sources/PEFTLogging/A.swift", text: code)
        #expect(comments.examples.map(\.name) == ["Sources/PEFTLogging/A.swift#1"])
        #expect(comments.fences.map(\.line) == [5])
        #expect(comments.fences.map(\.lines) == [["let a = 1"]])
        #expect(comments.trait == "Logging")
    }
}
