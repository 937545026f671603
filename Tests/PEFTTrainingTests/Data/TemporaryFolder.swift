import Foundation
import PEFTTraining
import Testing

/// A folder of files for one test, removed when the test is done with it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("data-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes `bytes` to `name`, making the folders on the way.
    @discardableResult
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> URL {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file
    }

    /// What reading `text` as the file `name` says, without the folder's own path.
    func problem(reading text: some Sequence<UInt8>, as name: String, isLabeled: Bool = true) throws -> String {
        let file = try write(text, to: name)
        let error = try #require(
            throws: DatasetError.self,
            performing: {
                if isLabeled {
                    _ = try TextDataset(contentsOf: file)
                } else {
                    _ = try TextDataset.unlabeled(contentsOf: file)
                }
            }
        )
        return error.description.replacingOccurrences(of: url.path + "/", with: "")
    }
}
