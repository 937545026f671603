import PEFTFormats
import PEFTMethods

/// What there is to say of a file or folder, for people and for scripts.
struct Inspection {
    /// One thing to know, with its name for people and its key for scripts.
    struct Fact {
        /// Nil for what people read in the note of another fact.
        let name: String?
        let key: String
        let value: JSONValue
        /// What people read instead of the value.
        let note: String?

        init(_ name: String?, _ key: String, _ value: JSONValue, note: String? = nil) {
            self.name = name
            self.key = key
            self.value = value
            self.note = note
        }

        var text: String { note ?? value.plainText }
    }

    let kind: String
    let path: String
    let facts: [Fact]
    let tensors: TensorList
    /// The file that the facts come from, whole; for scripts only.
    var configuration: JSONValue?

    /// The facts, a line for each tensor, and the totals.
    var text: String {
        let named = facts.compactMap { fact in fact.name.map { (name: $0, text: fact.text) } }
        let width = named.map(\.name.count).max() ?? 0
        return (["\(kind) \(path)"] + named.map { "  \($0.name.padded(width))  \($0.text)" } + [""] + tensors.lines)
            .joined(separator: "\n")
    }

    var json: JSONObject {
        var members = JSONObject([("kind", .string(kind)), ("path", .string(path))])
        for fact in facts { members[fact.key] = fact.value }
        members["configuration"] = configuration
        for (key, value) in tensors.json { members[key] = value }
        return members
    }
}

extension JSONValue {
    /// The value without quotes and brackets, for people.
    fileprivate var plainText: String {
        switch self {
        case .null: "none"
        case .bool(let flag): flag ? "yes" : "no"
        case .number(let number): number.int?.grouped ?? number.text
        case .string(let text): text
        case .array(let values): values.isEmpty ? "none" : values.map(\.plainText).joined(separator: ", ")
        case .object(let members):
            members.isEmpty ? "none" : members.map { "\($0.key): \($0.value.plainText)" }.joined(separator: ", ")
        }
    }
}
