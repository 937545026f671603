import PEFTFormats
import TextFiles

/// Reads texts and labels from a file with a JSON object on each line; blank lines are passed over.
enum JSONLines {
    static func read(_ file: TextFile, columns: TextColumns, limit: Int) throws(DatasetError) -> TextDataset {
        var rows = DatasetRows(file: file.path, limit: limit)
        var reader = JSONLineReader(file, example: #"{"text": "…", "label": "…"}"#)
        while !rows.isFull, let (object, line) = try reader.next() {
            func member(_ key: String, _ option: String) throws(DatasetError) -> JSONValue {
                if let value = object[key] { return value }
                throw rows.error(line, "no key '\(key)'; the keys are \(quotedList(object.keys)), \(option)")
            }
            guard case .string(let text) = try member(columns.text, "choose one as text column (--text-column)") else {
                throw rows.error(line, "the value of '\(columns.text)' is not a string")
            }
            var label: String?
            if let name = columns.label {
                label = Self.label(try member(name, "choose one as label column (--label-column)"), columns.labelKind)
                if label == nil {
                    let expected = columns.labelKind == .classes ? "an integer" : "a number"
                    throw rows.error(line, "the value of '\(name)' is neither a name nor \(expected)")
                }
            }
            var adapter: String?
            if let name = columns.adapter, let value = object[name], value != .null {
                guard case .string(let given) = value else {
                    throw rows.error(line, "the value of '\(name)' is not the name of an adapter")
                }
                adapter = TextColumns.adapter(given)
            }
            rows.append(text: text, label: label, adapter: adapter, line: line)
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
}
