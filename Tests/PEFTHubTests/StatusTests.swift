import Foundation
import HubServer
import PEFTHub
import Testing

@Suite("What the hub refuses is said; what may pass is tried again, so often and no more")
struct StatusTests {
    @Test(
        "a refusal is not repeated",
        arguments: [
            (401, nil, HubError.Kind.notFound, "has no model \"owner/tiny\" that may be seen from here"),
            (404, nil, .notFound, "check the name, or set HF_TOKEN"),
            (404, "RevisionNotFound", .notFound, "has no revision \"main\" of \"owner/tiny\""),
            (403, "GatedRepo", .noAccess, "asks for consent"), (401, "GatedRepo", .noAccess, "HF_TOKEN"),
            (403, nil, .noAccess, "refuses"), (418, nil, .unreachable, "answers with 418"),
        ] as [(Int, String?, HubError.Kind, String)]
    )
    func refusals(status: Int, code: String?, kind: HubError.Kind, part: String) async throws {
        let scene = try HubScene { _, _ in HubServer.Reply(status, code.map { ["X-Error-Code": $0] } ?? [:]) }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == kind && error?.description.contains(part) == true, "\(String(describing: error))")
        #expect(scene.server.requests.count == 1)
        #expect(scene.listing().isEmpty)
    }

    @Test(
        "401 with a challenge, as servers send it, is a refusal like any other",
        arguments: ["Basic realm=\"x\"", "Digest", "?"]
    )
    func challenge(text: String) async throws {
        let scene = try HubScene { _, _ in HubServer.Reply(401, ["WWW-Authenticate": text]) }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .notFound)
    }

    @Test("what passes is tried again, at each place", arguments: [408, 429, 500, 502, 503, 504])
    func passing(status: Int) async throws {
        let repository = FakeRepository.model
        // Every other request fails.
        let scene = try HubScene { request, number in
            number.isMultiple(of: 2) ? HubServer.Reply(status) : repository.reply(to: request)
        }
        let folder = try await scene.hub.folder(of: "owner/tiny")
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "model.safetensors").path))
        #expect(scene.server.requests.count == 18)
    }

    @Test("what does not pass ends after the retries", arguments: [429, 503])
    func lasting(status: Int) async throws {
        let log = EventLog()
        let scene = try HubScene { _, _ in HubServer.Reply(status) }
        let error = await #expect(throws: HubError.self) {
            try await scene.hub.folder(of: "owner/tiny", report: log.note)
        }
        #expect(error?.kind == .unreachable && error?.description.contains("(\(status))") == true)
        #expect(scene.server.requests.count == 4)
        #expect(log.events.count { if case .retrying = $0 { true } else { false } } == 3)
    }

    @Test(
        "a server that asks for a pause gets it",
        arguments: [["Retry-After": "1"], ["RateLimit": "\"api\";r=0;t=1"]]
    )
    func pause(headers: [String: String]) async throws {
        let repository = FakeRepository.model
        let scene = try HubScene { request, number in
            number == 0 ? HubServer.Reply(429, headers) : repository.reply(to: request)
        }
        let log = EventLog()
        _ = try await scene.hub.folder(of: "owner/tiny", report: log.note)
        let delays = log.events.compactMap { if case .retrying(_, let delay) = $0 { delay } else { nil } }
        #expect(delays == [.seconds(1)])
    }

    @Test(
        "one that asks for a long pause is told to the user at once",
        arguments: ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"]
    )
    func longPause(after: String) async throws {
        let scene = try HubScene { _, _ in HubServer.Reply(429, ["Retry-After": after]) }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("asks to be left alone for") == true, "\(String(describing: error))")
        #expect(scene.server.requests.count == 1)
    }

    @Test(
        "how many requests remain is of interest only where there were too many",
        arguments: [(503, "\"api\";r=0;t=189"), (503, "\"api\";r=488;t=189"), (429, "\"api\";r=488;t=189")]
    )
    func remaining(status: Int, limit: String) async throws {
        let repository = FakeRepository.model
        let scene = try HubScene { request, number in
            number == 0 ? HubServer.Reply(status, ["RateLimit": limit]) : repository.reply(to: request)
        }
        _ = try await scene.hub.folder(of: "owner/tiny")
    }

    @Test("a token that is not accepted is the token's fault")
    func refusedToken() async throws {
        var scene = try HubScene { _, _ in
            HubServer.Reply(401, ["X-Error-Message": "Invalid credentials\u{1B}[2J in Authorization header"])
        }
        scene.hub.token = "hf_old"
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        let text = error?.description ?? ""
        #expect(error?.kind == .noAccess && text.contains("does not accept the token") && text.contains("HF_TOKEN"))
        // What a server says does not steer the terminal.
        #expect(text.contains("Invalid credentials") && !text.contains("\u{1B}"), "\(text)")
    }

    @Test("nobody there, and a silent server")
    func unreachable() async throws {
        let gone = try HubScene { _, _ in HubServer.Reply() }
        gone.server.stopAndWait()
        let error = await #expect(throws: HubError.self) { try await gone.hub.folder(of: "owner/tiny") }
        #expect(
            error?.kind == .unreachable && error?.description.contains("takes no connection") == true,
            "\(String(describing: error))"
        )

        var nowhere = gone
        nowhere.hub.endpoint = "http://hub.invalid"
        let log = EventLog()
        let unknown = await #expect(throws: HubError.self) {
            try await nowhere.hub.folder(of: "owner/tiny", report: log.note)
        }
        #expect(unknown?.description.contains("name is not known") == true && log.events.isEmpty)

        var silent = try HubScene { _, _ in
            usleep(3_000_000)
            return HubServer.Reply()
        }
        silent.hub.retries = RetryPolicy(retries: 0, timeout: 1)
        let late = await #expect(throws: HubError.self) { try await silent.hub.folder(of: "owner/tiny") }
        #expect(late?.description.contains("does not answer in time") == true, "\(String(describing: late))")
    }

    @Test(
        "an answer that is none of a hub's",
        arguments: ["<html>Log in to the network</html>", "{}", #"{"sha": "main", "siblings": []}"#, "[1", ""]
    )
    func notAHub(body: String) async throws {
        let scene = try HubScene { _, _ in HubServer.Reply(200, [:], Array(body.utf8)) }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(
            error?.description.contains("is \(scene.server.endpoint) a hub?") == true,
            "\(String(describing: error))"
        )
    }

    @Test(
        "an endpoint or a token that can be none",
        arguments: ["huggingface.co", "ftp://x", "", "http://", "https://x/?a=b"]
    )
    func endpoint(text: String) async throws {
        var scene = try HubScene(.model)
        scene.hub.endpoint = text
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .invalidName && error?.description.contains("HF_ENDPOINT") == true)
        scene.hub.endpoint = scene.server.endpoint
        scene.hub.token = "hf_a\r\nHost: b"
        let refused = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(refused?.kind == .invalidName && refused?.description.contains("correct HF_TOKEN") == true)
        #expect(scene.server.requests.isEmpty)
    }
}
