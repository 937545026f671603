import Foundation
import PEFTFormats
import Testing

/// A folder of files for one test, removed when the test is done with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("formats-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file without any of the code under test and returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        let parent = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// All names in the folder, hidden ones included, sorted.
    func names(in subfolder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + subfolder).sorted()
    }

    func bytes(_ name: String) throws -> [UInt8] {
        try fileBytes(path + "/" + name)
    }
}

/// The bytes of a file, read without any of the code under test.
func fileBytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The path of a file that `Tests/Golden/make_formats.py` wrote.
func golden(_ name: String) -> String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.appendingPathComponent("Golden/formats/" + name).path
}

/// What the error says that `body` throws, with `folder` cut off the paths; nil if it throws none.
func message(in folder: TemporaryFolder? = nil, _ body: () throws -> some Any) -> String? {
    do {
        _ = try body()
        return nil
    } catch {
        let text = String(describing: error)
        guard let folder else { return text }
        return text.replacingOccurrences(of: folder.path + "/", with: "").replacingOccurrences(
            of: folder.path,
            with: "."
        )
    }
}
