import Foundation
import HubServer
import PEFTHub
import Testing

@Suite("A model is downloaded once, into the layout of Python's cache")
struct SnapshotTests {
    private let commit = FakeRepository.model.commit

    @Test("the files that are needed and no others, with their content")
    func neededFiles() async throws {
        let scene = try HubScene(.model)
        let snapshot = try await scene.hub.snapshot(of: "owner/tiny")
        #expect(snapshot.files == ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"])
        #expect(snapshot.commit == commit && snapshot.revision == "main" && snapshot.repository == "owner/tiny")
        #expect(snapshot.folder.path == scene.path("snapshots/\(commit)"))
        #expect(snapshot.model == snapshot.folder)
        for file in snapshot.files {
            #expect(try scene.bytes("snapshots/\(commit)/\(file)") == FakeRepository.model.files[file])
        }
    }

    @Test("blobs by their checksums, relative links to them, and the branch's commit")
    func layout() async throws {
        let scene = try HubScene(.model)
        _ = try await scene.hub.folder(of: "owner/tiny")
        let model = FakeRepository.model
        let files = ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"]
        let blobs = files.map { "blobs/" + model.checksum($0) }
        #expect(scene.listing() == Set(blobs + files.map { "snapshots/\(commit)/\($0)" } + ["refs/main"]))
        #expect(try scene.bytes("refs/main") == Array(commit.utf8))
        for file in files {
            let link = try FileManager.default.destinationOfSymbolicLink(
                atPath: scene.path("snapshots/\(commit)/\(file)")
            )
            #expect(link == "../../blobs/" + model.checksum(file))
        }
        #expect(FileManager.default.fileExists(atPath: scene.hub.cache.appending(path: "CACHEDIR.TAG").path))
    }

    @Test("a second time only the revision is asked for, and nothing is fetched")
    func again() async throws {
        let scene = try HubScene(.model)
        let first = try await scene.hub.snapshot(of: "owner/tiny")
        let before = scene.server.requests.count
        #expect(try await scene.hub.snapshot(of: "owner/tiny") == first)
        #expect(scene.server.requests.dropFirst(before).map(\.path) == ["/api/models/owner/tiny/revision/main"])
        let pinned = try await scene.hub.snapshot(of: "owner/tiny@\(commit)")
        #expect(pinned.folder == first.folder && scene.server.requests.count == before + 2)
    }

    @Test("a commit that was interrupted, in any file: offline it is no copy, and online it is made whole")
    func interruptedCommit() async throws {
        let model = FakeRepository.model
        let needed = ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"]
        for file in needed {
            let isBroken = Flag()
            let scene = try HubScene(model, altering: file) { request, reply in
                if isBroken.isSet, request.method == "GET" { reply = HubServer.Reply(403) }
            }
            let name = "owner/tiny@\(commit)"
            await #expect(throws: HubError.self) { try await scene.hub.folder(of: name) }
            var offline = scene.hub
            offline.isOffline = true
            let error = await #expect(throws: HubError.self) { try await offline.folder(of: name) }
            #expect(error?.kind == .notCached, "\(file): \(String(describing: error))")
            isBroken.clear()
            #expect(try await scene.hub.snapshot(of: name).files == needed)
            #expect(try await offline.snapshot(of: name).files == needed)
        }
    }

    @Test("a branch that moved: the new commit's files, of which those that are the same are not fetched")
    func moved() async throws {
        var newer = FakeRepository.model
        newer.commit = String(repeating: "0123456789", count: 4)
        newer.files["config.json"] = Array(#"{"model_type": "gpt2"}"#.utf8)
        let scene = try HubScene { [newer] request, number in
            number < 9 ? FakeRepository.model.reply(to: request) : newer.reply(to: request)
        }
        let first = try await scene.hub.snapshot(of: "owner/tiny")
        try #require(scene.server.requests.count == 9)
        let second = try await scene.hub.snapshot(of: "owner/tiny")
        #expect(second.commit == newer.commit && first.commit != second.commit)
        #expect(try scene.bytes("refs/main") == Array(newer.commit.utf8))
        #expect(scene.gets("model.safetensors").count == 1 && scene.gets("config.json").count == 2)
        #expect(try scene.bytes("snapshots/\(first.commit)/config.json") == FakeRepository.model.files["config.json"])
        #expect(try scene.bytes("snapshots/\(second.commit)/config.json") == newer.files["config.json"])
    }

    @Test("of shards those that the index names")
    func shards() async throws {
        var repository = FakeRepository.model
        repository.files["model.safetensors"] = nil
        for shard in ["model-1.safetensors", "model-2.safetensors", "other.safetensors"] {
            repository.files[shard] = FakeRepository.noise(100) + Array(shard.utf8)
        }
        let index =
            #"{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}"#
        repository.files["model.safetensors.index.json"] = Array(index.utf8)
        let scene = try HubScene(repository)
        let snapshot = try await scene.hub.snapshot(of: "owner/tiny")
        #expect(
            snapshot.files == [
                "config.json", "model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json",
                "tokenizer_config.json", "vocab.txt",
            ]
        )
        var offline = scene.hub
        offline.isOffline = true
        #expect(try await offline.snapshot(of: "owner/tiny") == snapshot)
    }

    @Test("a repository of one GGUF file gives it; one of several is chosen by name")
    func gguf() async throws {
        var repository = FakeRepository(files: ["a.Q4.gguf": [1, 2, 3], "README.md": []])
        let scene = try HubScene(repository)
        let file = try await scene.hub.folder(of: "owner/tiny")
        #expect(file.lastPathComponent == "a.Q4.gguf" && !file.hasDirectoryPath)

        repository.files["sub/b.Q8.gguf"] = [4]
        let several = try HubScene(repository)
        let error = await #expect(throws: HubError.self) { try await several.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("give the name of one: a.Q4.gguf, sub/b.Q8.gguf") == true)
        let chosen = try await several.hub.folder(of: "owner/tiny/sub/b.Q8.gguf")
        #expect(chosen.path.hasSuffix("/sub/b.Q8.gguf"))
        #expect(try Data(contentsOf: chosen) == Data([4]))
        #expect(try await several.hub.file("a.Q4.gguf", of: "owner/tiny").lastPathComponent == "a.Q4.gguf")
    }

    @Test("an adapter, with what belongs to one")
    func adapter() async throws {
        let files = ["adapter_config.json", "adapter_model.safetensors", "peftkit.json"]
        var repository = FakeRepository(files: Dictionary(uniqueKeysWithValues: files.map { ($0, Array($0.utf8)) }))
        repository.files["optimizer.pt"] = [1]
        let scene = try HubScene(repository)
        #expect(try await scene.hub.snapshot(of: "owner/tiny", .adapter).files == files)
        #expect(try await scene.hub.snapshot(of: "owner/tiny", .modelOrAdapter).files == files)
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.description.contains("is an adapter") == true)
    }

    @Test(
        "a repository that has nothing to read says what it has",
        arguments: [
            (["config.json", "pytorch_model.bin"], "pytorch_model.bin is a Python pickle"),
            (["config.json", "pytorch_model-00001-of-00002.bin"], "safe_serialization=True"),
            (["model.safetensors"], "has no config.json"),
            (["config.json", "README.md"], "has neither model.safetensors nor"),
        ]
    )
    func unsuitable(files: [String], part: String) async throws {
        let scene = try HubScene(FakeRepository(files: Dictionary(uniqueKeysWithValues: files.map { ($0, [1]) })))
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .unsuitable && error?.description.contains(part) == true, "\(String(describing: error))")
        #expect(scene.listing().isEmpty)
    }

    @Test("what happens is reported: the plan, how far it is, and the end")
    func events() async throws {
        let scene = try HubScene(.model)
        let log = EventLog()
        let snapshot = try await scene.hub.snapshot(of: "owner/tiny", report: log.note)
        let total = snapshot.files.reduce(0) { $0 + (FakeRepository.model.files[$1]?.count ?? 0) }
        guard case .started(let plan) = log.events.first, case .finished(let end) = log.events.last else {
            Issue.record("the first and the last event are others")
            return
        }
        #expect(plan.files == 4 && plan.bytes == total && plan.revision == "main" && end == snapshot)
        let received = log.events.compactMap { if case .received(let progress) = $0 { progress.received } else { nil } }
        #expect(received.last == total && received == received.sorted() && received.count >= 4)
        let last = log.events.compactMap { if case .received(let progress) = $0 { progress } else { nil } }.last
        #expect(last?.fetched == total && last?.total == total)
    }
}
