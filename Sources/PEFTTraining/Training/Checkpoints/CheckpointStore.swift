public import Foundation
import PEFTFormats

/// A folder that holds the checkpoints of one run, each in a folder `checkpoint-<step>`.
public struct CheckpointStore: Sendable {
    /// The run's folder.
    public let folder: URL

    /// The checkpoints in `folder`, which need not exist yet.
    public init(_ folder: URL) {
        self.folder = folder
    }

    private static let prefix = "checkpoint-"

    /// Where the checkpoint after `step` optimizer steps is or would be.
    public func url(ofStep step: Int) -> URL {
        folder.appending(path: "\(Self.prefix)\(step)", directoryHint: .isDirectory)
    }

    /// The steps of the checkpoints there are, in order, whole or not.
    ///
    /// - Throws: `FileError` when the folder cannot be read.
    public func steps() throws -> [Int] {
        guard try FileSystem.kind(of: folder.path) == .folder else { return [] }
        return try FileSystem.names(in: folder.path).compactMap(Self.step).sorted()
    }

    /// Whether a name in a run's folder is a checkpoint's.
    package static func isCheckpoint(_ name: String) -> Bool { step(of: name) != nil }

    private static func step(of name: String) -> Int? {
        guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)), step >= 0 else { return nil }
        return "\(prefix)\(step)" == name ? step : nil
    }

    /// The newest checkpoint that is whole; nil when there is none.
    ///
    /// - Parameter passingOver: told of every newer one that is not, and why.
    /// - Throws: `FileError` when the folder cannot be read.
    public func newest(passingOver: (ResumeError) -> Void = { _ in }) throws -> Checkpoint? {
        for step in try steps().reversed() {
            do throws(ResumeError) {
                return try Checkpoint(url(ofStep: step))
            } catch {
                passingOver(error)
            }
        }
        return nil
    }

    /// Removes all checkpoints.
    package func removeAll() throws { try removeOldest(keeping: 0, and: []) }

    /// Removes the oldest checkpoints, so that `limit` stay, and those of `kept` in any case.
    func removeOldest(keeping limit: Int, and kept: Set<Int>) throws {
        for step in try steps().dropLast(limit) where !kept.contains(step) {
            try AtomicFolder.remove(url(ofStep: step).path)
        }
    }
}
