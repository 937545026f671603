import PEFTFormats
import PEFTTokenizers
import TextFiles

/// Reads documents from a file with a JSON object on each line; blank lines are passed over.
enum DocumentLines {
    static func read(_ file: TextFile, textColumn: String, limit: Int) throws(DatasetError) -> LanguageModelDataset {
        var documents: [LanguageModelDocument] = []
        var lines: [Int] = []
        var reader = JSONLineReader(file, example: #"{"text": "…"}"#)
        while documents.count < limit, let (object, line) = try reader.next() {
            let row = DocumentRow(object: object, location: SourceLocation(file: file.path, line: line))
            documents.append(try row.document(textColumn: textColumn))
            lines.append(line)
        }
        return LanguageModelDataset(documents, origin: .lines(file: file.path, lines))
    }
}

/// One object of a file.
private struct DocumentRow {
    let object: JSONObject
    let location: SourceLocation

    private static let prompt = "prompt"
    private static let completion = "completion"
    private static let messages = "messages"

    func document(textColumn: String) throws(DatasetError) -> LanguageModelDocument {
        let isText = object[textColumn] != nil
        // Asked for by name, a prompt is a text.
        if isText, [Self.prompt, Self.completion, Self.messages].contains(textColumn) {
            return .text(try text(textColumn))
        }
        let isPair = object[Self.prompt] != nil || object[Self.completion] != nil
        let isConversation = object[Self.messages] != nil
        let found = [(textColumn, isText), (Self.prompt, isPair), (Self.messages, isConversation)].filter(\.1).map(\.0)
        guard found.count < 2 else {
            throw error("\(quotedList(found)) are different kinds of documents; give one of them")
        }
        switch found.first {
        case Self.prompt:
            return .completion(prompt: try text(Self.prompt), completion: try text(Self.completion))
        case Self.messages: return .conversation(try conversation())
        case nil:
            throw error(
                "no key '\(textColumn)', nor 'prompt' and 'completion', nor 'messages'; the keys are "
                    + "\(quotedList(object.keys)), choose one as text column (--text-column)"
            )
        default: return .text(try text(textColumn))
        }
    }

    private func text(_ key: String) throws(DatasetError) -> String {
        guard let value = object[key] else {
            let other = key == Self.prompt ? Self.completion : Self.prompt
            throw error("no key '\(key)' beside '\(other)'; give both")
        }
        guard case .string(let text) = value else { throw error("the value of '\(key)' is not a string") }
        return text
    }

    private func conversation() throws(DatasetError) -> [ChatMessage] {
        guard case .array(let elements)? = object[Self.messages], !elements.isEmpty else {
            throw error("the value of 'messages' is not a list of messages")
        }
        var messages: [ChatMessage] = []
        for (index, element) in elements.enumerated() {
            guard case .object(let message) = element, case .string(let role)? = message["role"], !role.isEmpty,
                case .string(let content)? = message["content"]
            else {
                throw error("message \(index + 1) is no object with the strings 'role' and 'content'")
            }
            messages.append(ChatMessage(role: role, content: content))
        }
        return messages
    }

    private func error(_ problem: String) -> DatasetError { DatasetError(at: location, problem: problem) }
}
