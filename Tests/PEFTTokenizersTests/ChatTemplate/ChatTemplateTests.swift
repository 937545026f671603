import Foundation
import PEFTFormats
import PEFTTokenizers
import Testing

/// Conversations in the templates of model families, and Jinja's features one by one, against `transformers`.
@Suite("Chat templates")
struct ChatTemplateTests {
    @Test("are filled in as by transformers, or refused where it refuses")
    func golden() throws {
        let file = Golden.folder.appendingPathComponent("chat.json")
        let cases = try JSONReader(JSONValue(parsing: Golden.bytes(file), source: file.path), source: file.path)
            .elements()
        var refusedCount = 0
        #expect(cases.count >= 200)
        for golden in cases {
            let name = try golden["name"].string()
            let source = try golden["template"].string()
            let render = {
                try ChatTemplate(source, name: name).render(
                    messages: golden["messages"].elements().map { try ChatMessage(reading: $0) },
                    addingGenerationPrompt: golden["generates"].bool(),
                    extra: Dictionary(
                        uniqueKeysWithValues: golden["extra"].members().map { ($0.key, $0.value.value ?? .null) }
                    )
                )
            }
            guard let expected = try golden["text"].ifPresent?.string() else {
                refusedCount += 1
                #expect(throws: ChatTemplateError.self, "\(golden.path): \(source)") { try render() }
                continue
            }
            do {
                let text = try render()
                #expect(text.hasSameBytes(as: expected), "\(golden.path): \(source)\n\(text)\n\(expected)")
            } catch {
                Issue.record("\(golden.path): \(source): \(error)")
            }
        }
        #expect(refusedCount >= 30)
    }

    @Test("ask for the present time in the format they give")
    func time() throws {
        let template = try ChatTemplate("{{ strftime_now('%Y-%m-%d') }}{{ strftime_now('') }}")
        // At noon, since the day depends on where this runs.
        let noon = Date(timeIntervalSince1970: 1_717_243_200)
        #expect(try template.render(messages: [], now: noon) == "2024-06-01")
    }

    @Test(
        "say in which line what is wrong",
        arguments: [
            (
                "a\n{% if x %}\nb",
                "t:2: the block that begins here is not closed; expected one of 'elif', 'else', 'endif'"
            ),
            ("\n{{ 'a' }}\n{{ b c }}", "t:3: unexpected 'c'; expected '}}'"),
            (
                "{% include 'x' %}",
                "t:1: the statement 'include' is not supported; supported: for, if, set, macro, "
                    + "generation, break, continue"
            ),
            ("\n\n{{ 'x", "t:3: the string is not closed; expected '"),
            ("a\n{% raw %}{{ x }}", "t:2: the raw block is not closed; expected 'endraw'"),
            ("{{ x", "t:1: the tag is not closed; expected '}}'"),
            ("{{ a ? b }}", "t:1: unexpected character '?' in an expression"),
            ("a\n{{ 1 }}\n{{ x.y }}", "t:3: 'x' is undefined, and so has no 'y'"),
            ("{{ 'a' + 1 }}", "t:1: '+' is not defined for a string and a number"),
            ("{{ 'a' | nonsense }}", "t:1: the filter 'nonsense' is not supported"),
            ("{{ 1 is nonsense }}", "t:1: the test 'nonsense' is not supported"),
            ("\n{{ raise_exception('Roles!') }}", "t:2: the template refuses this: Roles!"),
            ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "t:1: the macro 'm' calls itself more than 100 times"),
            (
                "{{ " + String(repeating: "(", count: 300) + "1" + String(repeating: ")", count: 300) + " }}",
                "t:1: nested deeper than 200"
            ),
        ]
    )
    func errors(source: String, message: String) {
        let error = #expect(throws: ChatTemplateError.self) {
            try ChatTemplate(source, name: "t").render(messages: [])
        }
        #expect(error?.description == message)
    }

    @Test("are found in a folder, in a file of their own or in the configuration")
    func folders() throws {
        let messages = [ChatMessage(role: "user", content: "Hi")]
        func text(_ files: [String: String]) throws -> String? {
            try withFolder(files.mapValues { Array($0.utf8) }) { try ChatTemplate.open($0)?.render(messages: messages) }
        }
        let configuration = #"{"chat_template": "{{ messages[0].content }}!"}"#
        #expect(try text(["tokenizer_config.json": configuration]) == "Hi!")
        #expect(
            try text(["tokenizer_config.json": configuration, "chat_template.jinja": "{{ messages[0].role }}\n"])
                == "user"
        )
        let named = #"{"chat_template": [{"name": "tool_use", "template": "x"}, {"name": "default", "template": "y"}]}"#
        #expect(try text(["tokenizer_config.json": named]) == "y")
        #expect(try text(["tokenizer_config.json": "{}"]) == nil)
    }

    @Test("get the special tokens of a tokenizer under their usual names")
    func specialTokens() throws {
        let tokens = SpecialTokens(beginning: SpecialToken(text: "<s>", id: 1), end: SpecialToken(text: "</s>", id: 2))
        let template = try ChatTemplate(
            "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token is defined }}"
        )
        let messages = [ChatMessage(role: "user", content: "Hi")]
        #expect(try template.render(messages: messages, extra: tokens.templateVariables) == "<s>Hi</s>False")
    }
}

extension ChatMessage {
    fileprivate init(reading value: JSONReader) throws {
        var extra: [String: JSONValue] = [:]
        for (key, member) in try value.members() where key != "role" && key != "content" { extra[key] = member.value }
        self.init(role: try value["role"].string(), content: try value["content"].string(), extra: extra)
    }
}
