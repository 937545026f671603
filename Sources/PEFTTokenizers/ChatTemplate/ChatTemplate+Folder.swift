public import Foundation
import PEFTFormats

extension ChatTemplate {
    /// The chat template of a checkpoint folder: `chat_template.jinja`, or else `chat_template` of
    /// `tokenizer_config.json`, of several the one called `default`; or the one in a GGUF file. Nil when there is none.
    ///
    /// - Throws: ``ChatTemplateError`` for a template that is not understood, `JSONError` or `FileError` for a file.
    public static func open(_ folder: URL) throws -> ChatTemplate? {
        if folder.isGGUFFile { return try GGUFTokenizer.chatTemplate(GGUFFile(path: folder.path)) }
        if let path = try TokenizerFolder.path(of: "chat_template.jinja", in: folder) {
            let text = try MappedFile(path: path).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
            guard let text else {
                throw TokenizerError.invalid(source: path, problem: "not valid UTF-8; convert the file to UTF-8")
            }
            return try ChatTemplate(text, name: path)
        }
        guard let configuration = try TokenizerFolder.json("tokenizer_config.json", in: folder),
            let template = try configuration["chat_template"].ifPresent
        else { return nil }
        let name = "\(configuration.source): chat_template"
        guard case .array = template.value else { return try ChatTemplate(template.string(), name: name) }
        for named in try template.elements() where try named["name"].string() == "default" {
            return try ChatTemplate(named["template"].string(), name: name)
        }
        throw template.error(expected: "a template that is called \"default\"")
    }
}
