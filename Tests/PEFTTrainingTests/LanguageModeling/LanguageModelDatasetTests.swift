import Foundation
import PEFTTokenizers
import PEFTTraining
import TestSupport
import Testing

@Suite("Documents are read")
struct LanguageModelDatasetTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func read(
        _ text: String,
        as name: String,
        textColumn: String = "text",
        limit: Int? = nil
    ) throws -> LanguageModelDataset {
        let url = try folder.write(text.utf8, to: name)
        return try LanguageModelDataset(contentsOf: url, textColumn: textColumn, limit: limit)
    }

    private func problem(_ body: () throws -> LanguageModelDataset) -> String? {
        inFolder(#expect(throws: DatasetError.self) { try body() }?.description)
    }

    /// A message or a place without the way to the folder.
    private func inFolder(_ text: String?) -> String? { text?.replacing(folder.url.path + "/", with: "") }

    private func places(_ documents: LanguageModelDataset) -> [String?] {
        documents.indices.map { inFolder(documents.location(of: $0)?.description) }
    }

    @Test("from JSON lines: texts, prompts with completions, and conversations, also mixed")
    func jsonLines() throws {
        let documents = try read(
            """
            {"text": "The sky\\nis blue.", "source": "book"}

            {"prompt": "Why?", "completion": " Because."}
            {"messages": [{"role": "user", "content": "Hello", "name": "Ada"}, {"role": "assistant", "content": ""}]}
            """,
            as: "a.jsonl"
        )
        #expect(
            Array(documents) == [
                .text("The sky\nis blue."), .completion(prompt: "Why?", completion: " Because."),
                .conversation([
                    ChatMessage(role: "user", content: "Hello"), ChatMessage(role: "assistant", content: ""),
                ]),
            ]
        )
        #expect(places(documents) == ["a.jsonl:1", "a.jsonl:3", "a.jsonl:4"])
    }

    @Test("from another key, which may be that of a prompt")
    func textColumn() throws {
        let story = try read(#"{"story": "Once."}"#, as: "a.jsonl", textColumn: "story")
        #expect(Array(story) == [.text("Once.")])
        let prompt = try read(#"{"prompt": "Once.", "completion": "x"}"#, as: "b.jsonl", textColumn: "prompt")
        #expect(Array(prompt) == [.text("Once.")])
    }

    @Test("only so many")
    func limit() throws {
        let lines = String(repeating: "{\"text\": \"a\"}\n", count: 5) + "not JSON\n"
        #expect(try read(lines, as: "a.jsonl", limit: 3).count == 3)
        #expect(
            problem { try read("a", as: "a.txt", limit: 0) }
                == "a limit of 0 documents leaves nothing to read; give at least 1"
        )
    }

    @Test("from a text file as one document, byte for byte, and from a folder one for each file")
    func textFiles() throws {
        let text = "\u{FEFF}Act I\r\n\r\n  Scene 1\n"
        let play = try read(text, as: "plays/b.txt")
        #expect(Array(play) == [.text("Act I\r\n\r\n  Scene 1\n")])
        #expect(places(play) == ["plays/b.txt"])
        try folder.write("first".utf8, to: "plays/a.txt")
        try folder.write("{}".utf8, to: "plays/c.json")
        let all = try LanguageModelDataset(contentsOf: folder.url.appending(path: "plays"))
        #expect(Array(all) == [.text("first"), .text("Act I\r\n\r\n  Scene 1\n")])
        #expect(places(all) == ["plays/a.txt", "plays/b.txt"])
        let some = try LanguageModelDataset(contentsOf: folder.url.appending(path: "plays"), limit: 1)
        #expect(Array(some) == [.text("first")])
    }

    @Test(
        "and a bad line is refused with its place",
        arguments: [
            (
                #"{"story": "x", "label": 1}"#,
                "no key 'text', nor 'prompt' and 'completion', nor 'messages'; the keys are 'story', 'label', choose one as text "
                    + "column (--text-column)"
            ),
            (#"{"text": 5}"#, "the value of 'text' is not a string"),
            (#"{"text": "x", "prompt": "y"}"#, "'text', 'prompt' are different kinds of documents; give one of them"),
            (
                #"{"text": "x", "messages": []}"#,
                "'text', 'messages' are different kinds of documents; give one of them"
            ),
            (#"{"prompt": "x"}"#, "no key 'completion' beside 'prompt'; give both"),
            (#"{"completion": "x"}"#, "no key 'prompt' beside 'completion'; give both"),
            (#"{"prompt": "x", "completion": null}"#, "the value of 'completion' is not a string"),
            (#"{"messages": []}"#, "the value of 'messages' is not a list of messages"),
            (#"{"messages": "x"}"#, "the value of 'messages' is not a list of messages"),
            (
                #"{"messages": [{"role": "user", "content": "x"}, {"role": "user"}]}"#,
                "message 2 is no object with the strings 'role' and 'content'"
            ),
            (
                #"{"messages": [{"role": "", "content": "x"}]}"#,
                "message 1 is no object with the strings 'role' and 'content'"
            ),
            (#"["x"]"#, #"expected a JSON object such as {"text": "…"}"#),
            (#"{"text": }"#, "not valid JSON: expected a value, found '}' at column 10"),
        ]
    )
    func badLine(line: String, expected: String) throws {
        let found = problem { try read("{\"text\": \"good\"}\n\n\(line)\n", as: "a.jsonl") }
        #expect(found == "a.jsonl:3: \(expected)")
    }

    @Test("and so are files that hold no documents")
    func badFiles() throws {
        #expect(
            problem { try read("a,b", as: "a.csv") }
                == "a.csv: '.csv' holds no documents for a language model; give .jsonl, .txt, or a folder of .txt files"
        )
        #expect(problem { try read("\n", as: "a.jsonl") } == "a.jsonl: there are no documents; at least one is needed")
        try folder.write("".utf8, to: "empty/readme.md")
        let empty = folder.url.appending(path: "empty")
        #expect(
            problem { try LanguageModelDataset(contentsOf: empty) }
                == "empty: there are no documents; at least one is needed"
        )
        let missing = folder.url.appending(path: "none.txt")
        #expect(
            problem { try LanguageModelDataset(contentsOf: missing) } == "none.txt: there is no such file or folder"
        )
        let bad = try folder.write([0x61, 0xFF], to: "bad.txt")
        #expect(problem { try LanguageModelDataset(contentsOf: bad) }?.hasPrefix("bad.txt:1: not valid UTF-8") == true)
    }
}
