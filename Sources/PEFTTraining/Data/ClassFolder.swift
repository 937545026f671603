import Foundation
import TextFiles

/// Reads a folder with a sub-folder for each class, the layout of the IMDb reviews.
enum ClassFolder {
    /// IMDb's reviews without labels, beside `neg` and `pos`.
    private static let unlabeled = "unsup"

    static func read(_ path: String, isLabeled: Bool, limit: Int) throws(DatasetError) -> TextDataset {
        var classes: [(name: String, files: [String])] = []
        for name in try sortedNames(in: path) where !name.hasPrefix(".") && name != unlabeled {
            let folder = "\(path)/\(name)"
            guard isFolder(folder) else { continue }
            let files = try sortedNames(in: folder).filter { $0.hasSuffix(".txt") }.map { "\(folder)/\($0)" }
            guard !files.isEmpty else {
                throw DatasetError(at: SourceLocation(file: folder), problem: "this class has no .txt files")
            }
            classes.append((name, files))
        }
        guard !classes.isEmpty else {
            throw DatasetError(
                at: SourceLocation(file: path),
                problem: "the folder has no sub-folders; a sub-folder of .txt files is needed for each class"
            )
        }
        var examples: [LabeledText] = []
        var files: [String] = []
        for (label, file) in interleaved(classes).prefix(limit) {
            let text = String(decoding: try TextDataset.file(file).bytes, as: UTF8.self)
            examples.append(LabeledText(text: text, label: isLabeled ? label : nil))
            files.append(file)
        }
        return TextDataset(examples, origin: .files(files))
    }

    /// The first file of each class, then the second of each, and so on.
    private static func interleaved(_ classes: [(name: String, files: [String])]) -> [(label: String, file: String)] {
        let longest = classes.map(\.files.count).max() ?? 0
        return (0..<longest).flatMap { position in
            classes.compactMap { position < $0.files.count ? ($0.name, $0.files[position]) : nil }
        }
    }

    /// What is in a folder, in the order of the names' bytes.
    static func sortedNames(in folder: String) throws(DatasetError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted(by: precedesByBytes)
        } catch {
            throw DatasetError(
                at: SourceLocation(file: folder),
                problem: "the folder can't be read: \(error.localizedDescription)"
            )
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func precedesByBytes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
