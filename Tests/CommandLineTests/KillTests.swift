import Foundation
import Testing

@Suite("A run that is killed loses nothing that was saved", .serialized)
struct KillTests {
    /// The whole number in the long suite.
    static let kills = ProcessInfo.processInfo.environment["PEFTKIT_LONG_TESTS"] == nil ? 15 : 50

    @Test("killed at random moments and resumed each time, it ends with the bytes of an undisturbed run")
    func randomMoments() async throws {
        let scene = try Scene()
        let (undisturbed, run) = (LongRun(scene, output: "undisturbed"), LongRun(scene))
        try await undisturbed.resume()
        let expected = try undisturbed.result()
        var (met, finished) = (0, 0)
        for _ in 0..<Self.kills {
            met += try kill(run, soonAfter: newestStep(scene) + 4 * Int.random(in: 0...5)) ? 1 : 0
            try run.expectWholeFiles()
            // Now and then to the end, and from the beginning again.
            if newestStep(scene) == LongRun.steps {
                try await expectEnd(of: run, expected)
                try FileManager.default.removeItem(at: scene.url("run"))
                finished += 1
            }
        }
        #expect(met >= Self.kills / 2)
        try await expectEnd(of: run, expected)
        // Nothing of the killed ones is left.
        let hidden = try scene.listing().filter { $0.split(separator: "/").contains { $0.hasPrefix(".") } }
        #expect(hidden.isEmpty)
    }

    private func expectEnd(of run: LongRun, _ expected: [String: Data]) async throws {
        try await run.resume()
        let found = try run.result()
        for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
    }

    private func newestStep(_ scene: Scene) -> Int {
        stride(from: LongRun.steps, to: 0, by: -4).first { scene.exists("run/checkpoint-\($0)") } ?? 0
    }

    /// Resumes a run and kills it at a random moment after the checkpoint of `step`, or after its beginning where that is
    /// there already, or after its result where there is no such step; whether that met it running.
    private func kill(_ run: LongRun, soonAfter step: Int) throws -> Bool {
        let mark = step > LongRun.steps ? "run/adapter_config.json" : "run/checkpoint-\(step)"
        let process = try Peft.start(run.arguments + ["--resume"], log: run.scene.url("log"))
        while process.isRunning, !run.scene.exists(mark) { usleep(100) }
        usleep(UInt32.random(in: 0...40_000))
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
    }
}
