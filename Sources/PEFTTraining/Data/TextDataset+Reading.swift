public import Foundation
import TextFiles

extension TextDataset {
    /// Reads labeled texts.
    ///
    /// | path | content |
    /// |---|---|
    /// | `.jsonl` | a JSON object on each line; labels are strings or integers |
    /// | `.csv`, `.tsv` | a header, then rows; quoting as in RFC 4180 |
    /// | a folder | a sub-folder for each class, named by its label, with a text in each `.txt` file |
    ///
    /// Files are UTF-8, with or without a byte-order mark. The texts of a folder are ordered by file name and taken from
    /// the classes in turn, so that the first rows hold all of them; a sub-folder `unsup`, where IMDb's reviews
    /// without labels are, is left out.
    ///
    /// - Parameters:
    ///   - url: The file or folder.
    ///   - textColumn: The column, or JSON key, of the text.
    ///   - labelColumn: The column, or JSON key, of the label.
    ///   - labelKind: Whether a label may be a number with a fraction, the target of a regression.
    ///   - adapterColumn: The column, or JSON key, of the name of the adapter that judges the text; an empty one, a missing
    ///     key and `__base__` mean none. Nil if the names are not wanted.
    ///   - limit: How many rows to read, from the first; nil for all.
    /// - Throws: ``DatasetError`` with the file and line for a missing file, an unknown kind of file, invalid UTF-8, a
    ///   missing column, a bad row, or if there is no row at all.
    public init(
        contentsOf url: URL,
        textColumn: String = "text",
        labelColumn: String = "label",
        labelKind: LabelKind = .classes,
        adapterColumn: String? = nil,
        limit: Int? = nil
    ) throws(DatasetError) {
        try self.init(
            url,
            columns: TextColumns(text: textColumn, label: labelColumn, labelKind: labelKind, adapter: adapterColumn),
            limit: limit
        )
    }

    /// Reads texts to be judged; labels, if there are any, are left out.
    ///
    /// In addition to the files of ``init(contentsOf:textColumn:labelColumn:labelKind:adapterColumn:limit:)``, a `.txt` file has a text on each
    /// line, an empty one on an empty line.
    ///
    /// - Throws: ``DatasetError`` as when reading labeled texts.
    public static func unlabeled(
        contentsOf url: URL,
        textColumn: String = "text",
        adapterColumn: String? = nil,
        limit: Int? = nil
    ) throws(DatasetError) -> TextDataset {
        try TextDataset(
            url,
            columns: TextColumns(text: textColumn, label: nil, adapter: adapterColumn),
            limit: limit
        )
    }

    private init(_ url: URL, columns: TextColumns, limit: Int?) throws(DatasetError) {
        let path = url.relativePath
        let limit = limit ?? .max
        guard limit > 0 else {
            throw DatasetError(at: nil, problem: "a limit of \(limit) rows leaves nothing to read; give at least 1")
        }
        let format = try DatasetFormat(path: path, isLabeled: columns.label != nil)
        guard columns.adapter == nil || format.hasColumns else {
            throw DatasetError(
                at: SourceLocation(file: path),
                problem: "the names of adapters are a column, which only .jsonl, .csv and .tsv files have"
            )
        }
        switch format {
        case .folder: self = try ClassFolder.read(path, isLabeled: columns.label != nil, limit: limit)
        case .jsonLines: self = try JSONLines.read(Self.file(path), columns: columns, limit: limit)
        case .commaSeparated:
            self = try DelimitedRows.read(Self.file(path), separator: ",", columns: columns, limit: limit)
        case .tabSeparated:
            self = try DelimitedRows.read(Self.file(path), separator: "\t", columns: columns, limit: limit)
        case .plainLines: self = Self.lines(try Self.file(path), limit: limit)
        }
        guard !isEmpty else {
            throw DatasetError(at: SourceLocation(file: path), problem: "there are no rows; at least one is needed")
        }
    }

    static func file(_ path: String) throws(DatasetError) -> TextFile {
        do throws(TextFileError) {
            return try TextFile(contentsOf: path)
        } catch {
            throw DatasetError(error)
        }
    }

    private static func lines(_ file: TextFile, limit: Int) -> TextDataset {
        var rows = DatasetRows(file: file.path, limit: limit)
        for line in file.lines {
            if rows.isFull { break }
            rows.append(text: String(decoding: file.bytes[line.range], as: UTF8.self), label: nil, line: line.number)
        }
        return rows.dataset
    }
}
