import Foundation
import HubServer
import PEFTHub
import TestSupport
import Testing

@Suite("The cache is shared: with other processes, other disks and other servers' habits")
struct SharingTests {
    private static let model = FakeRepository.model

    @Test("a lock that somebody else holds is waited for, and that is reported once")
    func heldLock() async throws {
        let scene = try HubScene(Self.model)
        let lock = "hub/.locks/models--owner--tiny/\(Self.model.checksum("model.safetensors")).lock"
        let holder = open(try scene.folder.write([], to: lock).path, O_RDWR)
        defer { close(holder) }
        try #require(flock(holder, LOCK_EX | LOCK_NB) == 0)
        let log = EventLog()
        _ = try await scene.hub.folder(of: "owner/tiny") { event in
            log.note(event)
            if case .waiting = event { flock(holder, LOCK_UN) }
        }
        let waits = log.events.compactMap { if case .waiting(let file) = $0 { file } else { nil } }
        #expect(waits == ["model.safetensors"])
    }

    @Test("a lock's file that was removed and made again is another lock")
    func removedLock() async throws {
        let scene = try HubScene(Self.model)
        _ = try await scene.hub.folder(of: "owner/tiny")
        try FileManager.default.removeItem(at: scene.hub.cache.appending(path: ".locks"))
        try FileManager.default.removeItem(atPath: scene.path("snapshots"))
        _ = try await scene.hub.folder(of: "owner/tiny")
        #expect(scene.gets("model.safetensors").count == 1)
    }

    @Test("the whole cache may be a link to another disk")
    func linkedRoot() async throws {
        var scene = try HubScene(Self.model)
        let disk = scene.folder.url.appending(path: "disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(at: scene.hub.cache, withDestinationURL: disk)
        let folder = try await scene.hub.folder(of: "owner/tiny")
        scene.hub.isOffline = true
        #expect(try await scene.hub.folder(of: "owner/tiny") == folder)
        #expect(FileManager.default.fileExists(atPath: disk.appending(path: "models--owner--tiny/refs/main").path))
    }

    @Test("a tag that a server between has marked as weak is the checksum all the same")
    func weakTag() async throws {
        let scene = try HubScene { request, _ in
            var reply = Self.model.reply(to: request)
            for name in ["ETag", "X-Linked-Etag"] { reply.headers[name] = reply.headers[name].map { "W/" + $0 } }
            return reply
        }
        let folder = try await scene.hub.folder(of: "owner/tiny")
        let bytes = try Data(contentsOf: folder.appending(path: "model.safetensors"))
        #expect(Array(bytes) == Self.model.files["model.safetensors"])
    }

    @Test("a new tag of what is there is remembered, and nothing is fetched")
    func anotherName() async throws {
        let repository = Self.model
        let scene = try HubScene { request, _ in
            guard request.path.hasSuffix("/revision/v2") else { return repository.reply(to: request) }
            return repository.reply(
                to: HubServer.Request(request.method, request.path.replacing("v2", with: "main"), request.headers)
            )
        }
        _ = try await scene.hub.folder(of: "owner/tiny")
        let before = scene.server.requests.count
        var hub = scene.hub
        #expect(try await hub.snapshot(of: "owner/tiny@v2").commit == repository.commit)
        #expect(scene.server.requests.count == before + 1)
        hub.isOffline = true
        #expect(try await hub.snapshot(of: "owner/tiny@v2").commit == repository.commit)
    }
}
