import Foundation
import HubServer
import PEFTHub
import Synchronization
import Testing

@Suite("A disk that is slower than the network")
struct BackPressureTests {
    @Test("holds the network back: what has arrived and is not written is little")
    func heldBack() async throws {
        let size = 64 << 20
        let repository = FakeRepository(files: ["config.json": [], "model.safetensors": FakeRepository.noise(1 << 20)])
        var large = repository
        large.files["model.safetensors"] = Array((0..<64).map { _ in repository.files["model.safetensors"] ?? [] }.joined())
        let scene = try HubScene(large)
        let server = scene.server
        let isFirst = Flag()
        let record = Recorder()
        _ = try await scene.hub.folder(of: "owner/tiny") { event in
            guard case .received(let progress) = event, progress.file == "model.safetensors", isFirst.isSet else { return }
            guard progress.received > 0 else { return }
            isFirst.clear()
            // As long as a disk may take; the server sends meanwhile as much as it can.
            usleep(1_500_000)
            record.note(server.sentBytes)
        }
        #expect(record.value > 0 && record.value < size / 2, "\(record.value)")
        #expect(try scene.bytes("snapshots/\(large.commit)/model.safetensors") == large.files["model.safetensors"])
    }
}

/// A number that is written by one and read by another.
private final class Recorder: Sendable {
    private let state = Mutex(0)

    var value: Int { state.withLock { $0 } }

    func note(_ number: Int) { state.withLock { $0 = number } }
}
