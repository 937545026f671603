import Foundation
import PEFTFormats
import Testing

@Suite("Going on with a run")
struct ResumeTests {
    /// Starts a run, sends it a signal in its course, and waits for its end.
    private func interrupted(_ run: LongRun, by signals: [Int32]) async throws -> (status: Int32, errors: String) {
        let log = run.scene.url("log")
        let process = try Peft.start(run.arguments, log: log)
        while process.isRunning, !run.scene.exists("\(run.output)/checkpoint-8") { usleep(500) }
        for signal in signals { kill(process.processIdentifier, signal) }
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: try Data(contentsOf: log), as: UTF8.self))
    }

    @Test(
        "Ctrl-C and SIGTERM: the step is finished and saved, and the command to go on is shown",
        arguments: [SIGINT, SIGTERM]
    )
    func signals(signal: Int32) async throws {
        let scene = try Scene()
        let (undisturbed, stopped) = (LongRun(scene, output: "undisturbed"), LongRun(scene))
        let (status, errors) = try await interrupted(stopped, by: [signal])
        try #require(status == 128 + signal, "\(errors)")
        #expect(errors.contains("stopping: this step is finished and saved first; once more to stop at once"))
        let command = try #require(errors.split(separator: "\n").last)
        #expect(command.hasPrefix("  peft train --model ") && command.hasSuffix(" --resume"))
        // There is a checkpoint of the very step, and no adapter yet.
        let step = try #require(errors.firstMatch(of: /stopped after step (\d+); go on with/)?.output.1)
        #expect(scene.exists("run/checkpoint-\(step)") && !scene.exists("run/adapter_config.json"))
        let resumed = try await Peft.shell("\"$PEFT\" \(command.dropFirst("  peft ".count))")
        #expect(resumed.status == 0 && resumed.errors.contains("going on after step \(step)"), "\(resumed.errors)")
        try await undisturbed.resume()
        let (expected, found) = (try undisturbed.result(), try stopped.result())
        for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
    }

    @Test("a second signal ends the run at once")
    func secondSignal() async throws {
        let run = LongRun(try Scene())
        let (status, _) = try await interrupted(run, by: [SIGINT, SIGINT])
        #expect(status == 130)
        try run.expectWholeFiles()
    }

    @Test("without a checkpoint a run starts from the beginning, and says so")
    func noCheckpoint() async throws {
        let outcome = try await LongRun(try Scene()).resume()
        #expect(outcome.errors.contains("there is no whole checkpoint in "))
        #expect(outcome.errors.contains("starting from the beginning"))
    }

    @Test("a damaged checkpoint is passed over with a warning, and the one before taken")
    func damaged() async throws {
        let scene = try Scene()
        let run = LongRun(scene)
        try await run.resume()
        let expected = try run.result()
        let file = scene.url("run/checkpoint-60/trainer.safetensors")
        try Data(contentsOf: file).dropLast(3).write(to: file)
        let outcome = try await run.resume()
        #expect(
            outcome.errors.contains(
                "run/checkpoint-60 is no whole checkpoint: trainer.safetensors is not what was written; taking the one before"
            )
        )
        #expect(outcome.errors.contains("going on after step 56"))
        #expect(try run.result() == expected)
    }

    @Test("a checkpoint can be named")
    func named() async throws {
        let scene = try Scene()
        let run = LongRun(scene)
        try await run.resume()
        let expected = try run.result()
        let outcome = try await Peft.run(run.arguments + ["--resume", scene.path("run/checkpoint-40")])
        #expect(outcome.status == 0 && outcome.errors.contains("going on after step 40"))
        #expect(try run.result() == expected)
        let absent = try await Peft.run(run.arguments + ["--resume", scene.path("run/checkpoint-41")])
        absent.expectRefusal("run/checkpoint-41 is no whole checkpoint: ")
    }

    @Test("another setting, or data that has changed, is refused with the differences")
    func otherRun() async throws {
        let scene = try Scene()
        let run = LongRun(scene)
        try await run.resume()
        let rate = try await Peft.run(run.arguments + ["--resume", "--learning-rate", "2e-3", "--rank", "4"])
        rate.expectRefusal("arguments, learning rate is 0.002, was 0.001")
        #expect(rate.errors.contains("settings, rank is 4, was 8"))
        try scene.write(Scene.reviews.replacingOccurrences(of: "dull", with: "long"), to: "train.jsonl")
        try await Peft.run(run.arguments + ["--resume"]).expectRefusal("checkpoint-60 is of another run: data is ")
        try FileManager.default.removeItem(at: scene.url("train.jsonl"))
        try await Peft.run(run.arguments + ["--resume"]).expectRefusal("train.jsonl: there is no such file or folder")
    }

    @Test("checkpoints of an earlier run are in nobody's way by accident")
    func earlierRun() async throws {
        let scene = try Scene()
        let run = LongRun(scene)
        try await run.resume()
        let before = try scene.listing(of: "run")
        try await scene.expectNothingWritten {
            try await Peft.run(run.arguments).expectRefusal(
                "run holds checkpoints of an earlier run, up to step 60; go on with --resume, or start anew with "
                    + "--overwrite-output-dir, which removes them"
            )
        }
        let shorter = try await Peft.run(run.arguments + ["--overwrite-output-dir", "--max-steps", "6"])
        #expect(shorter.status == 0, "\(shorter.errors)")
        #expect(before.contains("checkpoint-60") && !scene.exists("run/checkpoint-60"))
        #expect(scene.exists("run/checkpoint-4"))
    }
}
