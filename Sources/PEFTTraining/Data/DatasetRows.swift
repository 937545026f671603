/// The columns a reader looks for.
struct TextColumns {
    var text: String
    /// Nil if labels are not wanted.
    var label: String?
    /// Which values labels may have.
    var labelKind = LabelKind.classes
    /// Nil if the names of adapters are not wanted.
    var adapter: String?

    /// What stands for no adapter, beside nothing at all.
    private static let base = "__base__"

    /// The adapter that a field names.
    static func adapter(_ name: String) -> String? { name.isEmpty || name == base ? nil : name }
}

/// The rows of one file as they are collected.
struct DatasetRows {
    private let file: String
    private let limit: Int
    private var examples: [LabeledText] = []
    private var lines: [Int] = []

    init(file: String, limit: Int) {
        self.file = file
        self.limit = limit
    }

    var isFull: Bool { examples.count >= limit }

    var dataset: TextDataset { TextDataset(examples, origin: .lines(file: file, lines)) }

    mutating func append(text: String, label: String?, adapter: String? = nil, line: Int) {
        examples.append(LabeledText(text: text, label: label, adapter: adapter))
        lines.append(line)
    }

    /// An error on `line` of the file.
    func error(_ line: Int, _ problem: String) -> DatasetError {
        DatasetError(at: SourceLocation(file: file, line: line), problem: problem)
    }
}

/// `names` for a message: quoted, so that stray spaces show, and separated by commas.
func quotedList(_ names: some Sequence<String>) -> String {
    names.map { "'\($0)'" }.joined(separator: ", ")
}
