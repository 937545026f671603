import Foundation
import PEFTMethods
import PEFTModels
import PEFTTraining
import TestSupport

/// A run with checkpoints in a folder of its own: 20 examples in 5 steps an epoch, 2 epochs, everything random on.
struct RunSetting {
    let run: TestRun
    let folder: TemporaryFolder
    var arguments = TrainingArguments(
        epochs: 2,
        batchSize: 4,
        learningRate: 3e-3,
        schedule: LinearSchedule(warmup: .steps(3)),
        seed: 7,
        saving: .steps(5)
    )

    init() throws {
        run = try TestRun()
        folder = try TemporaryFolder()
    }

    var store: CheckpointStore { CheckpointStore(folder.url) }

    /// An evaluation whose loss is the one given for each step, or a function of the adapter.
    static func losses(_ losses: [Double]) -> Trainer<ClassificationTask<BERT>>.Evaluation {
        let calls = Notes<Void>()
        return { _ in
            calls.add(())
            return EvaluationReport(loss: losses[min(calls.all.count, losses.count) - 1])
        }
    }

    func train(
        _ adapter: AdapterBundle,
        evaluate: Trainer<ClassificationTask<BERT>>.Evaluation? = nil,
        resuming checkpoint: Checkpoint? = nil,
        callbacks: [any TrainingCallback] = [],
        threads: Int = 2
    ) async throws -> TrainingRun {
        try await run.trainer(arguments, threads: threads).train(
            adapter,
            on: run.examples,
            evaluate: evaluate,
            checkpoints: store,
            resuming: checkpoint,
            callbacks: callbacks
        )
    }

    /// The bytes of every file of a checkpoint, by its path in it.
    func files(ofStep step: Int) throws -> [String: Data] {
        let url = store.url(ofStep: step)
        let names = try FileManager.default.subpathsOfDirectory(atPath: url.path)
        return try names.reduce(into: [:]) { files, name in
            var isFolder: ObjCBool = false
            let path = url.appending(path: name).path
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                return
            }
            files[name] = try Data(contentsOf: URL(filePath: path))
        }
    }
}
