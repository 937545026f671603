import Foundation
import HubServer
import PEFTFormats
import PEFTHub
import Synchronization
import TestSupport
import Testing

@Suite("Whatever a server does to a file, it is in the cache whole and right, or not at all")
struct TransferTests {
    private static let model = FakeRepository.model
    private static let weights = "model.safetensors"
    private let bytes = model.files[weights] ?? []
    private let blob = "blobs/" + model.checksum(weights)
    private let entry = "snapshots/\(model.commit)/\(weights)"

    /// A scene whose answers with the weights are altered; `number` counts the requests for their bytes from 0.
    private func scene(
        _ repository: FakeRepository = model,
        _ alter: @escaping @Sendable (HubServer.Request, Int, inout HubServer.Reply) -> Void
    ) throws -> HubScene {
        let count = Counter()
        return try HubScene(repository, altering: Self.weights) { request, reply in
            if request.method == "GET" { alter(request, count.next(), &reply) }
        }
    }

    private func expectWhole(_ scene: HubScene, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try scene.bytes(entry) == bytes, sourceLocation: sourceLocation)
        #expect(!scene.listing().contains { $0.contains("incomplete") }, sourceLocation: sourceLocation)
    }

    /// Nothing has the weights' name, and what is left is named as what it is.
    private func expectNothing(_ scene: HubScene, sourceLocation: SourceLocation = #_sourceLocation) {
        let left = scene.listing()
        #expect(!left.contains(blob) && !left.contains(entry), sourceLocation: sourceLocation)
        #expect(!left.contains("refs/main"), sourceLocation: sourceLocation)
    }

    @Test("a connection that breaks half-way is gone on with from there, for the same content")
    func broken() async throws {
        let scene = try scene { _, number, reply in if number < 2 { reply.breaksAfter = 100_000 } }
        _ = try await scene.hub.folder(of: "owner/tiny")
        try expectWhole(scene)
        let requests = scene.gets(Self.weights)
        try #require(requests.count == 3)
        #expect(requests[0]["range"] == nil)
        let starts = requests.dropFirst().compactMap { $0["range"].flatMap { Int($0.dropFirst(6).dropLast()) } }
        #expect(starts.count == 2 && starts[0] > 0 && starts[1] > starts[0])
        #expect(requests.dropFirst().allSatisfy { $0["if-range"] == "\"\(Self.model.checksum(Self.weights))\"" })
    }

    @Test("another run goes on with what the first one left")
    func laterRun() async throws {
        let flag = Flag()
        let scene = try scene { _, number, reply in if flag.isSet { reply.breaksAfter = number == 0 ? 200_000 : 0 } }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .unreachable, "\(String(describing: error))")
        expectNothing(scene)
        let left = try scene.bytes(blob + ".incomplete")
        #expect(!left.isEmpty && left == Array(bytes.prefix(left.count)))
        flag.clear()
        _ = try await scene.hub.folder(of: "owner/tiny")
        try expectWhole(scene)
        #expect(scene.gets(Self.weights).last?["range"] == "bytes=\(left.count)-")
    }

    @Test("a server that ignores ranges sends it anew")
    func noRanges() async throws {
        let repository = Self.model
        let scene = try scene { _, number, reply in
            reply = HubServer.Reply(
                200,
                ["ETag": "\"\(repository.checksum(Self.weights))\""],
                repository.files[Self.weights] ?? []
            )
            if number == 0 { reply.breaksAfter = 100_000 }
        }
        _ = try await scene.hub.folder(of: "owner/tiny")
        try expectWhole(scene)
        #expect(scene.gets(Self.weights).count == 2)
    }

    @Test("a body that ends early without an error is gone on with")
    func endsEarly() async throws {
        let scene = try scene { _, number, reply in
            guard number == 0 else { return }
            reply.body = Array(reply.body.prefix(50_000))
            reply.saysLength = false
        }
        _ = try await scene.hub.folder(of: "owner/tiny")
        try expectWhole(scene)
        #expect(scene.gets(Self.weights).last?["range"] == "bytes=50000-")
    }

    @Test("a body without a length that goes on too long is refused")
    func tooLong() async throws {
        let scene = try scene { _, _, reply in
            reply.body += [0, 1, 2]
            reply.saysLength = false
        }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(
            error?.description.contains("more than the 300000 bytes arrived") == true,
            "\(String(describing: error))"
        )
        expectNothing(scene)
    }

    @Test("a length that is another one is refused", arguments: [10, 299_999, 300_001])
    func wrongLength(length: Int) async throws {
        let scene = try scene { _, _, reply in reply.headers["Content-Length"] = "\(length)" }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("announces \(length) bytes instead of 300000") == true)
        #expect(error?.kind == .damaged)
        expectNothing(scene)
        #expect(scene.gets(Self.weights).count == 4)
    }

    @Test("a server that sends the same beginning again and again is left")
    func noProgress() async throws {
        let size = 3 << 20
        var repository = Self.model
        repository.files[Self.weights] = FakeRepository.noise(size)
        let scene = try scene(repository) { request, _, reply in
            reply = request["range"] == nil ? reply : HubServer.Reply(416, ["Content-Range": "bytes */\(size)"])
            if reply.status == 200 { reply.breaksAfter = 2 << 20 }
            reply.lingers = 0.3
        }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .damaged || error?.kind == .unreachable, "\(String(describing: error))")
        #expect(scene.gets(Self.weights).count < 12)
        expectNothing(scene)
    }

    @Test("a server that sends a part of what is asked for is asked for the next, as often as it takes")
    func shortParts() async throws {
        let scene = try scene { request, _, reply in
            let start = request["range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
            guard start > 0 else { return reply.breaksAfter = 20_000 }
            reply.body = Array(reply.body.prefix(20_000))
            reply.headers["Content-Range"] = "bytes \(start)-\(start + reply.body.count - 1)/300000"
        }
        _ = try await scene.hub.folder(of: "owner/tiny")
        try expectWhole(scene)
        #expect(scene.gets(Self.weights).count >= 15)
    }

    @Test("a packed body cannot be checked, and is refused at once by its name", arguments: [weights, "vocab.txt"])
    func packed(file: String) async throws {
        let scene = try HubScene(Self.model, altering: file) { request, reply in
            if request.method == "GET" { reply.headers["Content-Encoding"] = "gzip" }
        }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("packed (\"gzip\")") == true, "\(String(describing: error))")
        #expect(scene.gets(file).count == 1)
    }

    @Test("another part than the one asked for is refused")
    func wrongRange() async throws {
        let scene = try scene { _, number, reply in
            if number == 0 { reply.breaksAfter = 100_000 }
            if number > 0 { reply.headers["Content-Range"] = "bytes 5-299999/300000" }
        }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("sends another part") == true, "\(String(describing: error))")
        expectNothing(scene)
    }

    @Test(
        "other bytes of the right length are refused, and nothing of them is kept",
        arguments: [weights, "config.json"]
    )
    func wrongBytes(file: String) async throws {
        let scene = try HubScene(Self.model, altering: file) { request, reply in
            if request.method == "GET" { reply.body[10] ^= 1 }
        }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        let algorithm = file == Self.weights ? "SHA-256" : "git's SHA-1"
        #expect(
            error?.kind == .damaged && error?.description.contains("\(file) of owner/tiny: the \(algorithm)") == true
        )
        let checksum = Self.model.checksum(file)
        #expect(!scene.listing().contains { $0.contains(checksum) || $0.hasSuffix("/" + file) })
    }

    @Test("a beginning from an earlier run that is damaged: the file is fetched anew, once")
    func damagedBeginning() async throws {
        let scene = try HubScene(Self.model)
        try scene.folder.write([UInt8](repeating: 7, count: 1000), to: "hub/models--owner--tiny/\(blob).incomplete")
        _ = try await scene.hub.folder(of: "owner/tiny")
        try expectWhole(scene)
        #expect(scene.gets(Self.weights).map { $0["range"] } == ["bytes=1000-", nil])
    }

    @Test("a beginning that is longer than the file, or all of it", arguments: [300_000, 300_001])
    func longBeginning(count: Int) async throws {
        let scene = try HubScene(Self.model)
        try scene.folder.write((bytes + [1]).prefix(count), to: "hub/models--owner--tiny/\(blob).incomplete")
        _ = try await scene.hub.folder(of: "owner/tiny")
        try expectWhole(scene)
        #expect(scene.gets(Self.weights).count == (count == 300_000 ? 0 : 1))
    }

    @Test("a file that changes between two attempts: the new one, from its start")
    func changed() async throws {
        var newer = Self.model
        newer.files[Self.weights] = bytes.reversed()
        let repository = Self.model
        let count = Counter()
        let scene = try HubScene { [newer] request, _ in
            guard request.path.hasSuffix(Self.weights) else { return repository.reply(to: request) }
            // Its description and the first attempt are of the old one.
            guard count.next() < 2 else { return newer.reply(to: request) }
            var reply = repository.reply(to: request)
            if request.method == "GET" { reply.breaksAfter = 100_000 }
            return reply
        }
        _ = try await scene.hub.folder(of: "owner/tiny")
        #expect(try scene.bytes(entry) == newer.files[Self.weights])
        #expect(!scene.listing().contains { $0.contains("incomplete") || $0 == blob })
    }

    @Test("a file that is another one each time ends with an error")
    func alwaysChanging() async throws {
        let scene = try HubScene(Self.model, altering: Self.weights) { request, reply in
            guard request.method == "GET" else { return }
            for name in ["ETag", "X-Linked-Etag"] {
                reply.headers[name] = "\"" + String(repeating: "ab", count: 32) + "\""
            }
        }
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("is another file each time") == true, "\(String(describing: error))")
        expectNothing(scene)
    }

    @Test("a file whose tag is no checksum, or without a size, is not fetched", arguments: ["ETag", "X-Linked-Size"])
    func unverifiable(header: String) async throws {
        let scene = try HubScene(Self.model, altering: Self.weights) { request, reply in
            reply.headers["X-Linked-Etag"] = nil
            reply.headers["X-Linked-Size"] = nil
            reply.headers["ETag"] = header == "ETag" ? "\"../../../evil\"" : reply.headers["ETag"]
            if header == "X-Linked-Size" { reply.headers["Content-Length"] = "-1" }
        }
        await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        expectNothing(scene)
        #expect(scene.gets(Self.weights).isEmpty)
    }

    @Test("a cancelled task stops, and what has arrived is gone on with later")
    func cancelled() async throws {
        let holder = TaskHolder()
        let scene = try scene { _, number, reply in
            // The other half would come if nobody cancelled.
            guard number == 0 else { return }
            reply.breaksAfter = 150_000
            reply.lingers = 30
        }
        var hub = scene.hub
        hub.retries.timeout = 60
        holder.start { [hub] in
            _ = try await hub.folder(of: "owner/tiny") { event in
                if case .received(let progress) = event, progress.file == Self.weights, progress.fetched >= 100_000 {
                    holder.cancel()
                }
            }
        }
        await #expect(throws: CancellationError.self) { try await holder.value() }
        // Neither the server nor the lost connection's timeout has ended it.
        #expect(try #require(holder.sinceCancelling) < .seconds(20))
        expectNothing(scene)
        let left = try scene.bytes(blob + ".incomplete")
        #expect(left.count >= 90_000 && left == Array(bytes.prefix(left.count)))
        _ = try await hub.folder(of: "owner/tiny")
        try expectWhole(scene)
    }

    @Test("while another process writes the same partial file, nothing is added to it")
    func writtenElsewhere() async throws {
        let scene = try HubScene(Self.model)
        let partial = "hub/models--owner--tiny/\(blob).incomplete"
        let file = try scene.folder.write(bytes.prefix(1000), to: partial)
        let other = open(file.path, O_RDWR)
        defer { close(other) }
        try #require(flock(other, LOCK_EX | LOCK_NB) == 0)
        let error = await #expect(throws: FileError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("another process writes it") == true, "\(String(describing: error))")
        #expect(try scene.bytes(blob + ".incomplete") == Array(bytes.prefix(1000)))
        flock(other, LOCK_UN)
        _ = try await scene.hub.folder(of: "owner/tiny")
        try expectWhole(scene)
    }

    @Test("two at once: both have it, and it is fetched once")
    func twoAtOnce() async throws {
        let scene = try HubScene(Self.model)
        let hub = scene.hub
        async let first = hub.folder(of: "owner/tiny")
        async let second = hub.folder(of: "owner/tiny")
        let folders = try await [first, second]
        #expect(folders[0] == folders[1])
        try expectWhole(scene)
        #expect(scene.gets(Self.weights).count == 1)
    }
}

/// Counts from 0.
final class Counter: Sendable {
    private let state = Mutex(0)

    func next() -> Int {
        state.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}

/// Something that is so until it is cleared.
final class Flag: Sendable {
    private let state = Mutex(true)

    var isSet: Bool { state.withLock { $0 } }

    func clear() { state.withLock { $0 = false } }
}

/// A task that can be cancelled by what it calls.
final class TaskHolder: Sendable {
    private let task = Mutex<Task<Void, any Error>?>(nil)
    private let cancelled = Mutex<ContinuousClock.Instant?>(nil)

    func start(_ body: @escaping @Sendable () async throws -> Void) {
        task.withLock { $0 = Task { try await body() } }
    }

    func cancel() {
        cancelled.withLock { $0 = $0 ?? .now }
        task.withLock { $0?.cancel() }
    }

    func value() async throws { try await task.withLock { $0 }?.value }

    /// How long ago it was cancelled; nil before.
    var sinceCancelling: Duration? { cancelled.withLock { $0 }.map { ContinuousClock.now - $0 } }
}
