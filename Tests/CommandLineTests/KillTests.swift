import Foundation
import Testing

@Suite("A run that is killed loses nothing that was saved", .serialized)
struct KillTests {
    /// The whole number in the long suite.
    static let kills = ProcessInfo.processInfo.environment["PEFTKIT_LONG_TESTS"] == nil ? 12 : 50

    @Test("killed at random moments and resumed each time, it ends with the bytes of an undisturbed run")
    func randomMoments() async throws {
        let scene = try Scene()
        let (undisturbed, killed) = (LongRun(scene, output: "undisturbed"), LongRun(scene))
        let start = ContinuousClock.now
        try await undisturbed.resume()
        let duration = (ContinuousClock.now - start) / .seconds(1)
        var random = SystemRandomNumberGenerator()
        var met = 0
        for _ in 0..<Self.kills {
            let process = try Peft.start(killed.arguments + ["--resume"], log: scene.url("log"))
            // Up to a little more than a whole run takes, since every moment counts, the last ones too.
            usleep(UInt32(Double.random(in: 0...1.1, using: &random) * duration * 1e6))
            met += process.isRunning ? 1 : 0
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            try killed.expectWholeFiles()
        }
        #expect(met > 0)
        try await killed.resume()
        let (expected, found) = (try undisturbed.result(), try killed.result())
        for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
        // Nothing of the killed ones is left.
        let hidden = try scene.listing().filter { $0.split(separator: "/").contains { $0.hasPrefix(".") } }
        #expect(hidden.isEmpty)
    }
}
