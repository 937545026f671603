import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels

/// Writes the checkpoints of a run.
struct CheckpointWriter: Sendable {
    let store: CheckpointStore
    let identity: TrainingIdentity

    /// Writes a checkpoint aside, syncs it and gives it its name; then removes the oldest ones.
    ///
    /// - Parameter limit: how many checkpoints stay, the best one not counted; nil for all.
    func write(_ state: TrainingState, for model: FrozenModel<some AdaptableModel>, limit: Int?) throws -> URL {
        let url = store.url(ofStep: state.step)
        let tensors = tensors(of: state)
        try AtomicFolder.write(to: url.path, isReplaceable: { _ in true }) { files in
            if state.adapter.hasFolderFormat { try state.adapter.write(into: files, for: model) }
            try files.write(CheckpointFiles.tensors) { try tensors.write(into: &$0) }
            try files.write(CheckpointFiles.state, JSONValue.object(json(of: state)).bytes(.pretty))
            try files.write(CheckpointFiles.history, state.history.json(ending: nil).bytes(.pretty))
            try FolderManifest.write(CheckpointFiles.manifest, into: files)
        }
        if let limit {
            let best = state.history.best.map { [$0.step] } ?? []
            try store.removeOldest(keeping: limit, and: Set(best))
        }
        return url
    }

    private func tensors(of state: TrainingState) -> SafetensorsWriter {
        var writer = SafetensorsWriter()
        for (index, parameter) in state.adapter.parameters.enumerated() {
            writer.add(CheckpointFiles.parameter(index, parameter.path), parameter.value)
        }
        for (name, value) in state.optimizer.tensors { writer.add(CheckpointFiles.optimizer(name), value) }
        return writer
    }

    private func json(of state: TrainingState) -> JSONObject {
        [
            "version": JSONValue(CheckpointFiles.version),
            "step": JSONValue(state.step),
            "is_concluded": .bool(state.isConcluded),
            "schedule": Settings.json(state.schedule),
            "optimizer_steps": .array(state.optimizer.steps.map { JSONValue($0) }),
            "evaluations_without_improvement": JSONValue(state.evaluationsWithoutImprovement),
            "best_step": state.history.best.map { JSONValue($0.step) } ?? .null,
            "identity": .object(identity.entries),
        ]
    }
}
