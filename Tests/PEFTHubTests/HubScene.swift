import Foundation
import HubServer
import PEFTHub
import Synchronization
import TestSupport

/// A server with a repository, and a cache of its own to download it to.
struct HubScene {
    let folder: TemporaryFolder
    let server: HubServer
    var hub: ModelHub

    /// Retries at once, so that tests are fast.
    static let impatient = RetryPolicy(
        retries: 3,
        firstDelay: .milliseconds(1),
        longestDelay: .seconds(2),
        timeout: 5
    )

    init(_ handler: @escaping HubServer.Handler) throws {
        folder = try TemporaryFolder()
        server = try HubServer(handler)
        hub = ModelHub(
            endpoint: server.endpoint,
            cache: folder.url.appending(path: "hub", directoryHint: .isDirectory),
            retries: Self.impatient
        )
    }

    init(_ repository: FakeRepository) throws { try self.init(repository.handler) }

    /// A server whose answers about a file are altered.
    init(
        _ repository: FakeRepository,
        altering file: String,
        _ alter: @escaping @Sendable (HubServer.Request, inout HubServer.Reply) -> Void
    ) throws {
        try self.init { request, _ in
            var reply = repository.reply(to: request)
            if request.path.hasSuffix("/" + file) { alter(request, &reply) }
            return reply
        }
    }

    /// The repository's folder in the cache.
    func path(_ name: String = "", of repository: String = "owner/tiny") -> String {
        let folder = "models--" + repository.replacing("/", with: "--")
        return hub.cache.appending(path: folder + (name.isEmpty ? "" : "/" + name)).path
    }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path(name)))) }

    /// Everything below the repository's folder but folders.
    func listing() -> Set<String> {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path())) ?? []
        return Set(
            names.filter { name in
                let kind = try? FileManager.default.attributesOfItem(atPath: path(name))[.type] as? FileAttributeType
                return kind != .typeDirectory
            }
        )
    }

    /// The requests for a file's bytes.
    func gets(_ file: String) -> [HubServer.Request] {
        server.requests.filter { $0.method == "GET" && $0.path.hasSuffix("/" + file) }
    }
}

/// What was reported.
final class EventLog: Sendable {
    private let state = Mutex<[HubEvent]>([])

    var events: [HubEvent] { state.withLock { $0 } }

    func note(_ event: HubEvent) { state.withLock { $0.append(event) } }
}

extension FakeRepository {
    /// As a small model is published, with files that nobody here needs.
    static let model = FakeRepository(
        files: [
            "config.json": Array(#"{"model_type": "bert"}"#.utf8), "vocab.txt": Array("[PAD]\n[UNK]\n".utf8),
            "tokenizer_config.json": Array("{}".utf8), "model.safetensors": noise(300_000),
            "pytorch_model.bin": noise(10), "README.md": Array("# tiny".utf8), "onnx/model.onnx": noise(10),
            ".gitattributes": [],
        ]
    )

    /// Bytes without a pattern, always the same.
    static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }
}
