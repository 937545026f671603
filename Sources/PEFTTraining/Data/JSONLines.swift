import PEFTFormats
import TextFiles

/// Reads texts and labels from a file with a JSON object on each line; blank lines are passed over.
enum JSONLines {
    static func read(_ file: TextFile, columns: TextColumns, limit: Int) throws(DatasetError) -> TextDataset {
        var rows = DatasetRows(file: file.path, limit: limit)
        for line in file.lines where !isBlank(file.bytes[line.range]) {
            if rows.isFull { break }
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONValue(parsing: Array(file.bytes[line.range]), source: file.path)
            } catch {
                throw rows.error(line.number, describe(error))
            }
            guard case .object(let object) = value else {
                throw rows.error(line.number, "expected a JSON object such as {\"text\": \"…\", \"label\": \"…\"}")
            }
            func member(_ key: String, _ option: String) throws(DatasetError) -> JSONValue {
                if let value = object[key] { return value }
                throw rows.error(line.number, "no key '\(key)'; the keys are \(quotedList(object.keys)), \(option)")
            }
            guard case .string(let text) = try member(columns.text, "choose one as text column") else {
                throw rows.error(line.number, "the value of '\(columns.text)' is not a string")
            }
            var label: String?
            if let name = columns.label {
                label = Self.label(try member(name, "choose one as label column"), columns.labelKind)
                if label == nil {
                    let expected = columns.labelKind == .classes ? "an integer" : "a number"
                    throw rows.error(line.number, "the value of '\(name)' is neither a name nor \(expected)")
                }
            }
            var adapter: String?
            if let name = columns.adapter, let value = object[name], value != .null {
                guard case .string(let given) = value else {
                    throw rows.error(line.number, "the value of '\(name)' is not the name of an adapter")
                }
                adapter = TextColumns.adapter(given)
            }
            rows.append(text: text, label: label, adapter: adapter, line: line.number)
        }
        return rows.dataset
    }

    private static func label(_ value: JSONValue, _ kind: LabelKind) -> String? {
        switch value {
        case .string(let name) where !name.isEmpty: name
        case .number(let number) where kind == .classesOrNumbers && !number.isInteger: number.text
        case .number(let number): number.int.map(String.init)
        default: nil
        }
    }

    /// The parser counts lines from the text it was given, which is one line of the file: only the column says something.
    private static func describe(_ error: JSONError) -> String {
        let problem = "not valid JSON: expected \(error.expected), found \(error.found)"
        guard case .text(_, let column, _) = error.place else { return problem }
        return "\(problem) at column \(column)"
    }

    private static func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
    }
}
