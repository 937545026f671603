import Foundation
import PEFTFormats
import PEFTReports
import PEFTTraining
import TestSupport

/// The files of a run's folder, of which a test changes what it is about.
struct RunDraft {
    var description: JSONValue = [
        "version": 1, "product": "PEFTKit 0.3.0",
        "model": ["name": "tiny-bert", "fingerprint": "a1b2", "parameters": 12345, "trainable": 678],
        "method": ["name": "lora", "settings": ["rank": 8, "alpha": 16, "targets": ["query", "value"]]],
        "labels": ["neg", "pos"],
        "data": ["train": ["path": "train.jsonl", "rows": 2000, "digest": "abc"], "validation": .null],
        "options": ["epochs": 2, "batch-size": 16],
        "parameters": [["module": "bert.encoder.layer.0.attention.self.query", "trainable": 64, "total": 320]],
    ]
    var steps: [JSONValue] = (1...3).map { RunDraft.step($0, loss: 0.7 - 0.1 * Double($0)) }
    var evaluations: [JSONValue] = [RunDraft.evaluation(2, loss: 0.5), RunDraft.evaluation(3, loss: 0.4)]
    var best: JSONValue = ["step": 3, "metric": "loss", "value": 0.4]
    var stopped: JSONValue = "finished"
    var evaluation: JSONValue? = [
        "version": 1, "step": 3, "loss": 0.4, "metrics": ["accuracy": 0.75], "labels": ["neg", "pos"],
        "confusion": [[41, 9], [16, 34]],
        "mistakes": [
            [
                "text": "Not bad at all.", "location": "val.jsonl:12", "label": "pos", "predicted": "neg",
                "probability": 0.99,
            ]
        ],
    ]
    var log: String?

    static func step(_ step: Int, loss: Double, norm: Double = 1.25) -> JSONValue {
        [
            "step": JSONValue(step), "epoch": JSONValue(Double(step) / 2), "loss": JSONValue(loss),
            "learning_rate": 5e-4, "gradient_norm": JSONValue(norm), "tokens": 512, "examples": 16,
        ]
    }

    static func evaluation(_ step: Int, loss: Double) -> JSONValue {
        [
            "step": JSONValue(step), "epoch": JSONValue(Double(step) / 2), "loss": JSONValue(loss),
            "metrics": ["accuracy": 0.75],
        ]
    }

    var history: JSONValue {
        ["version": 1, "steps": .array(steps), "evaluations": .array(evaluations), "best": best, "stopped": stopped]
    }

    /// Writes the files into the folder `name`.
    @discardableResult
    func write(to folder: TemporaryFolder, _ name: String = "run") throws -> URL {
        try folder.write(description.bytes(.compact), to: "\(name)/run.json")
        try folder.write(history.bytes(.compact), to: "\(name)/history.json")
        if let evaluation { try folder.write(evaluation.bytes(.compact), to: "\(name)/evaluation.json") }
        if let log { try folder.write(log.utf8, to: "\(name)/training.jsonl") }
        return folder.url.appending(path: name, directoryHint: .isDirectory)
    }

    /// The record that is read back.
    func record(_ name: String = "run") throws -> RunRecord {
        let folder = try TemporaryFolder()
        return try withExtendedLifetime(folder) { try RunRecord(folder: write(to: folder, name)) }
    }
}
