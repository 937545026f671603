public import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor

/// A run as it was after some optimizer step: the adapter, the optimizer, the schedule, the history, and what the run was.
///
/// The folder is also an adapter folder: `AdapterFolder` opens it, and so does Python's `peft`.
public struct Checkpoint: Sendable {
    /// Where it is.
    public let url: URL
    /// The number of optimizer steps taken before it.
    public let step: Int

    private let state: JSONReader
    private let history: TrainingHistory

    /// Opens a checkpoint and makes sure that it is whole and as it was written.
    ///
    /// - Throws: ``ResumeError/damaged(_:reason:)``.
    public init(_ url: URL) throws(ResumeError) {
        self.url = url
        if let fault = FolderManifest.fault(of: url.path, manifest: CheckpointFiles.manifest) {
            throw ResumeError.damaged(url.relativePath, reason: fault)
        }
        do {
            let path = url.appending(path: CheckpointFiles.state).path
            state = JSONReader(try JSONValue(contentsOf: path), source: path)
            let version = try state["version"].int()
            guard version == CheckpointFiles.version else {
                throw try state["version"].error(expected: "\(CheckpointFiles.version), the only version known here")
            }
            step = try state["step"].int(in: 0 ... .max)
            let historyPath = url.appending(path: CheckpointFiles.history).path
            history = try TrainingHistory(JSONReader(try JSONValue(contentsOf: historyPath), source: historyPath))
        } catch {
            throw ResumeError.damaged(url.relativePath, reason: "\(error)")
        }
    }

    /// Puts the run back to where it was.
    ///
    /// - Parameter state: the state of the same run before its first step.
    /// - Throws: ``ResumeError``.
    func restore(_ state: inout TrainingState, of identity: TrainingIdentity) throws(ResumeError) {
        do {
            let saved = TrainingIdentity(try self.state["identity"].object())
            let differences = identity.differences(from: saved)
            guard differences.isEmpty else {
                throw ResumeError.otherRun(url.relativePath, differences: differences)
            }
            let file = try SafetensorsFile(path: url.appending(path: CheckpointFiles.tensors).path)
            var restored = state
            restored.step = step
            restored.isConcluded = try self.state["is_concluded"].bool()
            restored.history = history
            restored.evaluationsWithoutImprovement = try self.state["evaluations_without_improvement"].int(
                in: 0 ... .max
            )
            restored.schedule = try Settings.restored(state.schedule, from: self.state["schedule"].value ?? .null)
            try Self.restore(&restored.adapter, from: file)
            let steps = try self.state["optimizer_steps"].ints()
            guard steps.count == state.optimizer.steps.count else {
                throw try self.state["optimizer_steps"].error(expected: "\(state.optimizer.steps.count) numbers")
            }
            try restored.optimizer.restore(steps: steps) { name, shape in
                try Self.tensor(CheckpointFiles.optimizer(name), of: shape, in: file)
            }
            if let best = try self.state["best_step"].ifPresent?.int() {
                restored.bestAdapter = try bestAdapter(step: best, from: restored.adapter)
            }
            state = restored
        } catch let error as ResumeError {
            throw error
        } catch {
            throw ResumeError.damaged(url.relativePath, reason: "\(error)")
        }
    }

    /// The adapter of the best evaluation, from its own checkpoint, when that is still there.
    private func bestAdapter(step: Int, from adapter: AdapterBundle) throws -> AdapterBundle? {
        guard step != self.step else { return adapter }
        let best = CheckpointStore(url.deletingLastPathComponent()).url(ofStep: step)
        guard FileManager.default.fileExists(atPath: best.path) else { return nil }
        var restored = adapter
        try Self.restore(
            &restored,
            from: SafetensorsFile(path: best.appending(path: CheckpointFiles.tensors).path)
        )
        return restored
    }

    private static func restore(_ adapter: inout AdapterBundle, from file: SafetensorsFile) throws {
        var index = 0
        try adapter.visitParameters { parameter in
            let name = CheckpointFiles.parameter(index, parameter.path)
            parameter.value = try tensor(name, of: parameter.value.shape, in: file)
            index += 1
        }
    }

    private static func tensor(_ name: String, of shape: Shape, in file: SafetensorsFile) throws -> Tensor {
        let tensor = try file.tensor(named: name)
        guard tensor.shape == shape else {
            throw SafetensorsError(
                path: file.path,
                tensor: name,
                reason: "expected shape \(shape), found \(tensor.shape)"
            )
        }
        return tensor
    }
}
