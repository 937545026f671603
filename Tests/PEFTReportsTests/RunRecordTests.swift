import Foundation
import PEFTFormats
import PEFTReports
import PEFTTraining
import TestSupport
import Testing

@Suite("Reading a run's folder")
struct RunRecordTests {
    private func message(_ draft: RunDraft) -> String {
        do {
            _ = try draft.record()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("everything a run says is there")
    func contents() throws {
        var draft = RunDraft()
        draft.log = """
            {"event":"start","time":"2026-11-24T16:40:25Z","elapsed":0}
            {"event":"step","time":"t","elapsed":4,"step":1,"tokens_per_second":100}
            {"event":"step","time":"t","elapsed":8,"step":2,"tokens_per_second":110}
            {"event":"start","time":"t","elapsed":0,"step":1}
            {"event":"step","time":"t","elapsed":3,"step":2,"tokens_per_second":120}
            {"event":"step","time":"t","elap
            """
        let record = try draft.record("my run")
        #expect(record.name == "my run")
        #expect(record.description.model.trainable == 678 && record.description.method == "lora")
        #expect(record.description.validation == nil && record.description.labels == ["neg", "pos"])
        #expect(record.history.steps.map(\.step) == [1, 2, 3])
        #expect(record.history.evaluations[0].value(of: "accuracy") == 0.75)
        #expect(record.history.best?.step == 3 && record.ending == .finished)
        let confusion = try #require(record.evaluation?.confusion)
        #expect(confusion.recall(0) == 0.82 && confusion.precision(0) == 41.0 / 57 && confusion.f1(0) == 82.0 / 107)
        #expect(record.evaluation?.mistakes.map(\.location) == ["val.jsonl:12"])
        // Both sessions count, a step that was taken again once, and the half line of a killed run not at all.
        #expect(record.timing?.seconds == 11 && record.timing?.sessions == 2)
        #expect(record.timing?.paces.map(\.tokensPerSecond) == [100, 120])
    }

    @Test("numbers that were not finite are NaN")
    func nulls() throws {
        var draft = RunDraft()
        draft.steps[1] = RunDraft.step(2, loss: .nan, norm: .infinity)
        let steps = try draft.record().history.steps
        #expect(steps[1].loss.isNaN && steps[1].gradientNorm.isNaN && steps[0].loss.isFinite)
    }

    @Test("what is optional may be absent")
    func optional() throws {
        var draft = RunDraft()
        draft.evaluation = nil
        draft.evaluations = []
        draft.best = .null
        let record = try draft.record()
        #expect(record.evaluation == nil && record.timing == nil && record.history.best == nil)
        draft.evaluation = ["version": 1, "step": 3, "loss": 0.4, "metrics": ["pearson": 0.9]]
        let regression = try #require(try draft.record().evaluation)
        #expect(regression.confusion == nil && regression.mistakes.isEmpty)
    }

    @Test("a missing file is named, with what has such files", arguments: ["run.json", "history.json"])
    func missing(file: String) throws {
        let folder = try TemporaryFolder()
        let run = try RunDraft().write(to: folder)
        try FileManager.default.removeItem(at: run.appendingPathComponent(file))
        #expect(throws: RunRecordError(folder: run.path, missing: file)) { try RunRecord(folder: run) }
        #expect(
            RunRecordError(folder: "d", missing: file).description.hasPrefix("d has no \(file), so it is no training")
        )
    }

    @Test(
        "a corrupt file is named with the place of the fault",
        arguments: ["run.json", "history.json", "evaluation.json"]
    )
    func corrupt(file: String) throws {
        let folder = try TemporaryFolder()
        let run = try RunDraft().write(to: folder)
        let url = run.appendingPathComponent(file)
        try Data(contentsOf: url).dropLast(5).write(to: url)
        let error = #expect(throws: JSONError.self) { try RunRecord(folder: run) }
        #expect(error?.source == url.path)
    }

    @Test("wrong values are said with their path")
    func wrongValues() {
        var draft = RunDraft()
        draft.steps[2] = RunDraft.step(2, loss: 1)
        #expect(message(draft).hasSuffix("history.json: steps[2].step: expected a step after 2, found 2"))
        draft = RunDraft()
        draft.stopped = "bored"
        #expect(message(draft).contains("stopped: expected one of \"finished\", \"early stopping\""))
        draft = RunDraft()
        draft.evaluation = [
            "version": 1, "step": 3, "loss": 0.4, "metrics": [:], "labels": ["a", "b"], "confusion": [[1, 2], [3]],
        ]
        #expect(message(draft).hasSuffix("confusion[1]: expected 2 counts, one for each label, found 1"))
        draft.evaluation = ["version": 2]
        #expect(message(draft).hasSuffix("evaluation.json: version: expected 1, found 2"))
        draft = RunDraft()
        draft.log = "{\"event\":\"start\"}\n{\"event\":1}\n"
        #expect(message(draft).hasSuffix("training.jsonl:2: event: expected a string, found 1"))
    }
}
