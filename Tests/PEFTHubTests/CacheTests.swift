import Foundation
import HubServer
import PEFTFormats
import PEFTHub
import TestSupport
import Testing

@Suite("The cache: what is there is used, and nothing outside of it is touched")
struct CacheTests {
    private static let model = FakeRepository.model
    private let snapshot = "hub/models--owner--tiny/snapshots/\(model.commit)"

    /// A scene whose cache holds the model, as Python's `huggingface_hub` writes it, and whose server is not asked.
    private func cached(offline: Bool = true) throws -> HubScene {
        var scene = try HubScene(Self.model)
        scene.hub.isOffline = offline
        let repository = scene.folder.url.appending(path: "hub/models--owner--tiny")
        for file in ["config.json", "model.safetensors", "vocab.txt"] {
            let checksum = Self.model.checksum(file)
            try scene.folder.write(Self.model.files[file] ?? [], to: "hub/models--owner--tiny/blobs/\(checksum)")
            let folder = repository.appending(path: "snapshots/\(Self.model.commit)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: file).path,
                withDestinationPath: "../../blobs/\(checksum)"
            )
        }
        try scene.folder.write(Self.model.commit.utf8, to: "hub/models--owner--tiny/refs/main")
        return scene
    }

    /// Puts a link in the place of something in the cache.
    private func replace(_ name: String, by destination: String, _ scene: HubScene) throws {
        let path = scene.folder.url.appending(path: name).path
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: destination)
    }

    @Test("what Python left is used as it is, by its branch and its commit")
    func pythons() async throws {
        let scene = try cached()
        for name in ["owner/tiny", "owner/tiny@\(Self.model.commit)"] {
            let found = try await scene.hub.snapshot(of: name)
            #expect(found.files == ["config.json", "model.safetensors", "vocab.txt"])
        }
        #expect(scene.server.requests.isEmpty)
    }

    @Test("online only what is missing is fetched")
    func completed() async throws {
        let scene = try cached(offline: false)
        _ = try await scene.hub.folder(of: "owner/tiny")
        #expect(scene.server.requests.map(\.method) == ["GET", "HEAD", "GET"])
        #expect(scene.gets("tokenizer_config.json").count == 1)
    }

    @Test(
        "offline, what is not there is said with the place where it was looked for",
        arguments: [
            ("owner/other", "owner/other is not in the cache"), ("owner/tiny@v2", "only other revisions of it"),
            ("owner/tiny@\(String(repeating: "a", count: 40))", "is not in the cache"),
        ]
    )
    func notCached(name: String, part: String) async throws {
        let scene = try cached()
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: name) }
        #expect(error?.kind == .notCached && error?.description.contains(part) == true, "\(String(describing: error))")
        #expect(error?.description.contains(scene.hub.cache.path) == true)
        #expect(scene.server.requests.isEmpty)
    }

    @Test(
        "offline, a copy that lacks a file, or whose link leads nowhere, is no copy",
        arguments: ["config.json", "model.safetensors"]
    )
    func incomplete(file: String) async throws {
        let scene = try cached()
        try FileManager.default.removeItem(atPath: scene.path("blobs/" + Self.model.checksum(file)))
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .notCached && error?.description.contains(file) == true, "\(String(describing: error))")
        // Online it is fetched again.
        var online = scene.hub
        online.isOffline = false
        let folder = try await online.folder(of: "owner/tiny")
        #expect(Array(try Data(contentsOf: folder.appending(path: file))) == Self.model.files[file])
    }

    @Test("a hub that does not answer, or refuses: what was downloaded last is taken, after one question")
    func fallback() async throws {
        let log = EventLog()
        var scene = try cached(offline: false)
        for status in [503, 429, 401, 404] {
            let broken = try HubServer { _, _ in HubServer.Reply(status) }
            scene.hub.endpoint = broken.endpoint
            _ = try await scene.hub.folder(of: "owner/tiny", report: log.note)
            #expect(broken.requests.count == 1)
        }
        scene.server.stopAndWait()
        scene.hub.endpoint = scene.server.endpoint
        _ = try await scene.hub.folder(of: "owner/tiny", report: log.note)
        #expect(log.events.count { if case .usingCache = $0 { true } else { false } } == 5)
    }

    @Test(
        "a newer commit whose files are refused, or that does not come: what was downloaded last is taken",
        arguments: [403, 503]
    )
    func newerUnavailable(status: Int) async throws {
        let scene = try cached(offline: false)
        var newer = Self.model
        newer.commit = String(repeating: "0123456789", count: 4)
        newer.files["config.json"] = Array("{}".utf8)
        let refusing = try HubServer { [newer] request, _ in
            request.path.contains("/resolve/") ? HubServer.Reply(status) : newer.reply(to: request)
        }
        var hub = scene.hub
        hub.endpoint = refusing.endpoint
        let log = EventLog()
        #expect(try await hub.snapshot(of: "owner/tiny", report: log.note).commit == Self.model.commit)
        #expect(log.events.contains { if case .usingCache = $0 { true } else { false } })
        #expect(try scene.bytes("refs/main") == Array(Self.model.commit.utf8))
    }

    @Test("locks are for everybody in the group, whatever the mask")
    func groupLock() async throws {
        let scene = try HubScene(Self.model)
        _ = try await scene.hub.folder(of: "owner/tiny")
        let locks = scene.hub.cache.appending(path: ".locks/models--owner--tiny")
        let names = try FileManager.default.contentsOfDirectory(atPath: locks.path)
        #expect(names.count == 4)
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: locks.appending(path: name).path)
            #expect(attributes[.posixPermissions] as? Int == 0o664)
        }
    }

    @Test(
        "a link that leads out of the cache is refused, online and offline",
        arguments: ["config.json", "model.safetensors"],
        [true, false]
    )
    func outsideEntry(file: String, offline: Bool) async throws {
        let scene = try cached(offline: offline)
        let outside = try scene.folder.write(Self.model.files[file] ?? [], to: "outside/secret")
        try replace("\(snapshot)/\(file)", by: outside.path, scene)
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .unsafeCache && error?.description.contains("outside/secret") == true)
    }

    @Test(
        "a folder that leads out of the cache is not written through",
        arguments: [
            "models--owner--tiny", "models--owner--tiny/blobs", "models--owner--tiny/snapshots",
            "models--owner--tiny/refs", ".locks",
        ]
    )
    func outsideFolder(name: String) async throws {
        let scene = try HubScene(Self.model)
        let outside = scene.folder.url.appending(path: "outside")
        try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
        try scene.folder.write([], to: "hub/models--owner--tiny/keep")
        if name == "models--owner--tiny" { try FileManager.default.removeItem(atPath: scene.path()) }
        try replace("hub/\(name)", by: outside.path, scene)
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .unsafeCache, "\(String(describing: error))")
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).isEmpty)
    }

    @Test("a partial file that is a link is not written through")
    func outsidePartial() async throws {
        let scene = try HubScene(Self.model)
        let victim = try scene.folder.write(Array("mine".utf8), to: "victim")
        try scene.folder.write([], to: "hub/models--owner--tiny/blobs/keep")
        let partial = "hub/models--owner--tiny/blobs/\(Self.model.checksum("model.safetensors")).incomplete"
        try replace(partial, by: victim.path, scene)
        let error = await #expect(throws: FileError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.path.hasSuffix(".incomplete") == true, "\(String(describing: error))")
        #expect(try Data(contentsOf: victim) == Data("mine".utf8))
    }

    @Test("a partial file that is another file, too, is not written")
    func sharedPartial() async throws {
        let scene = try HubScene(Self.model)
        let victim = try scene.folder.write(Array("mine".utf8), to: "hub/victim")
        try scene.folder.write([], to: "hub/models--owner--tiny/blobs/keep")
        let partial = scene.path("blobs/\(Self.model.checksum("model.safetensors")).incomplete")
        try FileManager.default.linkItem(atPath: victim.path, toPath: partial)
        let error = await #expect(throws: FileError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("it is no file of its own") == true, "\(String(describing: error))")
        #expect(try Data(contentsOf: victim) == Data("mine".utf8))
    }

    @Test(
        "a reference that holds no commit",
        arguments: ["../../../etc", "", "main", String(repeating: "g", count: 40)]
    )
    func reference(text: String) async throws {
        let scene = try cached()
        try scene.folder.write(text.utf8, to: "hub/models--owner--tiny/refs/main")
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .damaged && error?.description.contains("refs/main holds no commit") == true)
    }

    @Test("a blob of another size than the hub's is fetched again")
    func shortBlob() async throws {
        let scene = try HubScene(Self.model)
        let blob = "blobs/" + Self.model.checksum("model.safetensors")
        try scene.folder.write([1, 2, 3], to: "hub/models--owner--tiny/\(blob)")
        _ = try await scene.hub.folder(of: "owner/tiny")
        #expect(try scene.bytes(blob) == Self.model.files["model.safetensors"])
    }

    @Test("a cache that cannot be written says so")
    func unwritable() async throws {
        var scene = try HubScene(Self.model)
        let file = try scene.folder.write([], to: "file")
        scene.hub.cache = file.appending(path: "hub")
        let error = await #expect(throws: FileError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.path.hasPrefix(file.path) == true, "\(String(describing: error))")
    }
}
