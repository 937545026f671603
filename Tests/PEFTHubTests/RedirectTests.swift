import Foundation
import HubServer
import PEFTHub
import Testing

@Suite("Redirects are followed; the token goes to the hub alone")
struct RedirectTests {
    private static let weights = "model.safetensors"

    /// A hub that redirects the weights to another server.
    private func scenes() throws -> (hub: HubScene, storage: HubServer) {
        var repository = FakeRepository.model
        let stored = repository
        let storage = try HubServer { request, _ in
            // The storage has the file, whoever asks.
            var asked = stored
            asked.storage = ""
            return asked.reply(to: request)
        }
        repository.storage = storage.endpoint
        var scene = try HubScene(repository)
        scene.hub.token = "hf_secret"
        return (scene, storage)
    }

    @Test("another server stores a large file: it never sees the token, the hub always does")
    func otherHost() async throws {
        let (scene, storage) = try scenes()
        let folder = try await scene.hub.folder(of: "owner/tiny")
        let bytes = try Data(contentsOf: folder.appending(path: Self.weights))
        #expect(Array(bytes) == FakeRepository.model.files[Self.weights])
        #expect(scene.server.requests.allSatisfy { $0["authorization"] == "Bearer hf_secret" })
        try #require(storage.requests.count == 1)
        #expect(storage.requests[0].method == "GET" && storage.requests[0].path.hasSuffix("?signature=secret"))
        #expect(storage.requests[0]["authorization"] == nil)
    }

    @Test("a download from there goes on by that server's own tag, with a fresh address")
    func otherHostContinued() async throws {
        var repository = FakeRepository.model
        let stored = repository
        let storage = try HubServer { request, number in
            var reply = stored.reply(to: request)
            if number == 0 { reply.breaksAfter = 100_000 }
            return reply
        }
        repository.storage = storage.endpoint
        let scene = try HubScene(repository)
        _ = try await scene.hub.folder(of: "owner/tiny")
        try #require(storage.requests.count == 2)
        #expect(storage.requests[1]["range"]?.hasPrefix("bytes=") == true)
        #expect(storage.requests[1]["if-range"] == "\"stored-\(stored.checksum(Self.weights))\"")
        #expect(scene.gets(Self.weights).count == 2)
    }

    @Test("a renamed repository: redirects to another path of the hub, relative and absolute, keep the token")
    func renamed() async throws {
        let repository = FakeRepository.model
        let holder = Endpoint()
        var scene = try HubScene { request, _ in
            guard request.path.contains("old-name") else { return repository.reply(to: request) }
            let path = request.path.replacing("old-name", with: "owner/tiny")
            return HubServer.Reply(307, ["Location": request.method == "HEAD" ? holder.value + path : path])
        }
        holder.value = scene.server.endpoint
        scene.hub.token = "hf_secret"
        let snapshot = try await scene.hub.snapshot(of: "old-name")
        #expect(snapshot.folder.path.contains("models--old-name/"))
        #expect(scene.server.requests.allSatisfy { $0["authorization"] == "Bearer hf_secret" })
        #expect(scene.server.requests.count > 9)
    }

    @Test("redirects in a circle end with an error")
    func circle() async throws {
        let scene = try HubScene { request, _ in HubServer.Reply(302, ["Location": request.path]) }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("redirects more than 10 times") == true)
        #expect(scene.server.requests.count == 11)
    }

    @Test(
        "a redirect to what is no web address is refused",
        arguments: [
            "file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)", "http:///x", "gopher://127.0.0.1:70/x",
            "http://",
            "//", "http:x", "::::", "http://[::1", "%", "",
        ]
    )
    func otherSchemes(location: String) async throws {
        let scene = try HubScene { _, _ in HubServer.Reply(302, ["Location": location]) }
        await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(scene.listing().isEmpty)
    }

    @Test(
        "a redirect to a strange address ends with an error and nothing worse",
        arguments: [
            "//[::1]:1/x", "//[::1]/x?%zz", "/x?%zz#%", "?", "#", "http://127.0.0.1:1/%zz?a=%",
            "http://u:p@127.0.0.1:1/",
            "http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "//127.0.0.1:1", "a/../../..", "//a b/",
            "http://[fe80::1%25x]:1/",
        ]
    )
    func strange(location: String) async throws {
        let scene = try HubScene { _, _ in HubServer.Reply(302, ["Location": location]) }
        await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(scene.listing().isEmpty)
    }

    @Test("errors do not show the signature of a stored file")
    func signature() async throws {
        var repository = FakeRepository.model
        let storage = try HubServer { _, _ in HubServer.Reply(500) }
        repository.storage = storage.endpoint
        let scene = try HubScene(repository)
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("/stored/") == true && error?.description.contains("secret") == false)
    }
}

/// An address that is known later.
private final class Endpoint: @unchecked Sendable {
    // Written once, before the first request.
    var value = ""
}
