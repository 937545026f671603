import Foundation
import PEFTFormats
import Testing

@Suite("What can go wrong in a run costs nothing that was saved")
struct TrainingFaultTests {
    @Test("a loss that is no number: the step and the lines are named, the checkpoints stay")
    func divergence() async throws {
        let scene = try Scene()
        let run = LongRun(scene)
        let outcome = try await Peft.run(
            run.arguments + ["--learning-rate", "1e30", "--targets", "all-linear", "--save-steps", "1"]
        )
        outcome.expectRefusal("in step ")
        #expect(outcome.errors.contains("train.jsonl:"), "\(outcome.errors)")
        #expect(scene.exists("run/checkpoint-1") && !scene.exists("run/adapter_config.json"))
        try run.expectWholeFiles()
    }

    @Test("a disk that is full when a checkpoint is saved: the error says so, those before stay whole")
    func fullDisk() async throws {
        let scene = try Scene()
        guard let disk = try Disk(in: scene, on: "disk", options: "size=300k") else {
            try await fileSizeLimit()
            return
        }
        let run = LongRun(scene, output: "disk/run")
        let outcome = try await Peft.run(run.arguments)
        outcome.expectRefusal("No space left on device; free some space and try again")
        #expect(scene.exists("disk/run/checkpoint-4"))
        try run.expectWholeFiles()
        // With fewer checkpoints it fits, and goes on where it was.
        let resumed = try await Peft.run(run.arguments + ["--resume", "--save-total-limit", "1"])
        #expect(resumed.errors.contains("going on after step "), "\(resumed.errors)")
        withExtendedLifetime(disk) {}
    }

    @Test("a limit on the size of files: the error says so, and no part of a checkpoint is left")
    func fileSizeLimit() async throws {
        let scene = try Scene()
        let run = LongRun(scene)
        let quoted = (run.arguments + ["--rank", "64"]).map { "'\($0)'" }.joined(separator: " ")
        let outcome = try await Peft.shell("ulimit -f 64 && exec \"$PEFT\" \(quoted)")
        outcome.expectRefusal("File too large; raise the limit on the size of a file (ulimit -f)")
        #expect(try scene.listing(of: "run") == ["run.json", "training.jsonl"])
    }
}
