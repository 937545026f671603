public import Foundation
public import PEFTFormats

/// How a model wants a conversation written as one text: a Jinja template, as `chat_template` of a
/// `tokenizer_config.json` or `tokenizer.chat_template` of a GGUF file.
///
/// Gives the text of `apply_chat_template` of `transformers`. Of Jinja it knows what such templates use: `for` with
/// `loop`, `if`, `set`, `macro`, `namespace`, `break`, `continue`, expressions, slices, the usual filters, tests and methods
/// of strings and mappings. Anything else is refused by name when the template is read or when it's reached.
///
/// ```swift
/// let template = try ChatTemplate(source, name: "chat_template")
/// let prompt = try template.render(
///     messages: [ChatMessage(role: "user", content: "Hello!")],
///     addingGenerationPrompt: true,
///     extra: tokenizer.specialTokens.templateVariables
/// )
/// ```
public struct ChatTemplate: Sendable {
    /// The template's text.
    public let source: String
    /// What errors call it.
    public let name: String

    private let nodes: [TemplateNode]

    /// A template.
    ///
    /// - Parameters:
    ///   - source: the template's text.
    ///   - name: what errors call it.
    /// - Throws: ``ChatTemplateError`` with the line that is not understood.
    public init(_ source: String, name: String = "chat_template") throws {
        self.source = source
        self.name = name
        var parser = try TemplateParser(source, name: name)
        nodes = try parser.parse()
    }

    /// The conversation as text.
    ///
    /// - Parameters:
    ///   - messages: what was said, in order.
    ///   - addingGenerationPrompt: whether the text ends with what an answer of the model begins with.
    ///   - extra: other values of the template, such as `bos_token`; `SpecialTokens.templateVariables` has these. They
    ///     count for more than those above.
    ///   - now: the present time, for templates that ask for it.
    /// - Throws: ``ChatTemplateError`` when the template refuses the messages, or does what it cannot do with them.
    public func render(
        messages: [ChatMessage],
        addingGenerationPrompt: Bool = false,
        extra: [String: JSONValue] = [:],
        now: Date = Date()
    ) throws -> String {
        var values: [String: TemplateValue] = [
            "messages": TemplateValue(.array(messages.map(\.json))),
            "add_generation_prompt": .boolean(addingGenerationPrompt),
            "tools": .none,
            "documents": .none,
        ]
        for (name, value) in extra { values[name] = TemplateValue(value) }
        var interpreter = TemplateInterpreter(name: name, values: values, now: now)
        return try interpreter.render(nodes)
    }
}

extension SpecialTokens {
    /// The tokens under the names that chat templates use: `bos_token`, `eos_token`, `unk_token`, `pad_token` and so on.
    public var templateVariables: [String: JSONValue] {
        let tokens = [
            "bos_token": beginning, "eos_token": end, "unk_token": unknown, "pad_token": padding,
            "cls_token": classification, "sep_token": separator, "mask_token": mask,
        ]
        return tokens.compactMapValues { $0.map { .string($0.text) } }
    }
}
