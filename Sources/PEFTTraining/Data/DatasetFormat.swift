import Foundation

/// The kinds of data set that are read, told by the file's extension.
enum DatasetFormat {
    case jsonLines
    case commaSeparated
    case tabSeparated
    case plainLines
    case folder

    /// Whether rows have named fields.
    var hasColumns: Bool {
        switch self {
        case .jsonLines, .commaSeparated, .tabSeparated: true
        case .plainLines, .folder: false
        }
    }

    /// - Throws: ``DatasetError`` if there is nothing at `path`, or nothing that can hold such texts.
    init(path: String, isLabeled: Bool) throws(DatasetError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw DatasetError(at: SourceLocation(file: path), problem: "there is no such file or folder")
        }
        if isFolder.boolValue {
            self = .folder
            return
        }
        let fileExtension = URL(fileURLWithPath: path).pathExtension
        switch fileExtension.lowercased() {
        case "jsonl": self = .jsonLines
        case "csv": self = .commaSeparated
        case "tsv": self = .tabSeparated
        case "txt" where !isLabeled: self = .plainLines
        default:
            let kind = fileExtension.isEmpty ? "a file without an extension" : "'.\(fileExtension)'"
            let known = isLabeled ? ".jsonl, .csv, .tsv" : ".jsonl, .csv, .tsv, .txt"
            throw DatasetError(
                at: SourceLocation(file: path),
                problem: "\(kind) is not a data set that can be read here; give \(known), "
                    + "or a folder with a sub-folder of .txt files for each class"
            )
        }
    }
}
