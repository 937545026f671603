import Foundation
import PEFTKit

/// Where the result of a run goes, known to be a place for it before the run begins.
struct TrainingOutput {
    /// As the user wrote it.
    let path: String
    private let isModel: Bool

    /// - Throws: `FileError` when nothing can be written there, or something else is there.
    init(_ path: String, isModel: Bool) throws {
        self.path = path
        self.isModel = isModel
        if isModel {
            try FrozenModel<AnyArchitecture>.checkDestination(folder)
        } else {
            try AdapterFolder.checkDestination(folder)
        }
    }

    /// What is there after the run.
    var kind: String { isModel ? "model" : "adapter" }

    /// Writes the adapter, or the base with it.
    func save(_ adapter: AdapterBundle, for base: FrozenModel<AnyArchitecture>) throws {
        if isModel {
            try base.merging(adapter).save(to: folder)
        } else {
            try adapter.save(to: folder, for: base)
        }
    }

    private var folder: URL { URL(filePath: path, directoryHint: .isDirectory) }
}
