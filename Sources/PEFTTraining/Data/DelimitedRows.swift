import TextFiles

/// Reads texts and labels from a CSV or TSV with a header.
enum DelimitedRows {
    static func read(
        _ file: TextFile,
        separator: Unicode.Scalar,
        columns: TextColumns,
        limit: Int
    ) throws(DatasetError) -> TextDataset {
        do throws(TextFileError) {
            return try readRecords(file, separator: separator, columns: columns, limit: limit)
        } catch {
            throw DatasetError(error)
        }
    }

    private static func readRecords(
        _ file: TextFile,
        separator: Unicode.Scalar,
        columns: TextColumns,
        limit: Int
    ) throws(TextFileError) -> TextDataset {
        var rows = DatasetRows(file: file.path, limit: limit)
        var reader = DelimitedReader(file, separator: separator)
        guard let header = try reader.next() else { return rows.dataset }
        let names = (0..<header.count).map { reader.text(header, $0) }
        func error(_ line: Int, _ problem: String) -> TextFileError {
            TextFileError(path: file.path, line: line, problem: problem)
        }
        func column(_ name: String, _ option: String) throws(TextFileError) -> Int {
            let matches = names.indices.filter { names[$0].utf8.elementsEqual(name.utf8) }
            if let match = matches.first, matches.count == 1 { return match }
            throw error(
                header.line,
                matches.isEmpty
                    ? "no column '\(name)'; "
                        + (otherSeparator(in: names)
                            ?? "the first line names the columns \(quotedList(names)); choose one as \(option)")
                    : "\(matches.count) columns are called '\(name)'; give each its own name"
            )
        }
        let text = try column(columns.text, "text column (--text-column)")
        var label: Int?
        if let name = columns.label { label = try column(name, "label column (--label-column)") }
        var adapter: Int?
        if let name = columns.adapter { adapter = try column(name, "adapter column (--adapter-column)") }

        while !rows.isFull, let record = try reader.next() {
            guard record.count == names.count else {
                throw error(
                    record.line,
                    "expected \(names.count) fields as in the header, found \(record.count); "
                        + "put a field with separators or line ends in double quotes"
                )
            }
            let name = label.map { reader.text(record, $0) }
            if name?.isEmpty == true { throw error(record.line, "the label is empty; every row needs one") }
            rows.append(
                text: reader.text(record, text),
                label: name,
                adapter: adapter.flatMap { TextColumns.adapter(reader.text(record, $0)) },
                line: record.line
            )
        }
        return rows.dataset
    }

    /// Why a header has one column only, when that holds what others put between columns.
    private static func otherSeparator(in names: [String]) -> String? {
        guard names.count == 1, let separator = [";", "\t", ","].first(where: names[0].contains) else { return nil }
        let written = separator == "\t" ? "tabs" : "'\(separator)'"
        return "the header is \(quotedList(names)), with \(written) between its columns: a .csv file has commas there, "
            + "and a .tsv file tabs"
    }
}
