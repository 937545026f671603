/// The columns a reader looks for.
struct TextColumns {
    var text: String
    /// Nil if labels are not wanted.
    var label: String?
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

    mutating func append(text: String, label: String?, line: Int) {
        examples.append(LabeledText(text: text, label: label))
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
