import Foundation
import HubServer
import PEFTHub
import Testing

@Suite("Names")
struct NameTests {
    @Test(
        "repositories, revisions and files in one text",
        arguments: [
            ("bert-base-uncased", "bert-base-uncased", nil, nil), ("owner/name", "owner/name", nil, nil),
            ("owner/name@v1.0", "owner/name", "v1.0", nil), ("a/b@refs/pr/4", "a/b", "refs/pr/4", nil),
            ("a/b/c.gguf", "a/b", nil, "c.gguf"), ("a/b/sub/c.gguf@main", "a/b", "main", "sub/c.gguf"),
        ] as [(String, String, String?, String?)]
    )
    func parts(text: String, repository: String, revision: String?, file: String?) throws {
        let name = try HubName(text)
        #expect(name.repository == repository && name.revision == revision && name.file == file)
        #expect(HubName.isName(text))
    }

    @Test(
        "what is no name",
        arguments: [
            "", "/", "/bert", "bert/", "./bert", "../bert", "~/bert", "a/b/c", "a//b", "a b", "-a", "a-", ".a", "a.",
            "a--b",
            "a..b", "a.git", "ä", "a@", "a@../x", "a@/x", "a@x//y", "a@x\u{0}", "a/b/../c.gguf", "a/b//c.gguf",
            String(repeating: "a", count: 97),
        ]
    )
    func noNames(text: String) {
        #expect(throws: HubError.self) { try HubName(text) }
        #expect(!HubName.isName(text))
    }

    @Test(
        "what looks like a file is not looked for on the hub",
        arguments: ["model.gguf", "a/model.gguf", "x.safetensors"]
    )
    func files(text: String) { #expect(!HubName.isName(text)) }

    @Test(
        "a list with a file that leaves its folder is refused as a whole",
        arguments: [
            "../x", "a/../../x", "/etc/passwd", "a//b", "./a", "", "x/", "..",
        ]
    )
    func evilList(name: String) async throws {
        var repository = FakeRepository.model
        repository.furtherNames = [name]
        let scene = try HubScene(repository)
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        #expect(error?.kind == .invalidName && error?.description.contains("a file of owner/tiny") == true)
        #expect(scene.server.requests.count == 1 && scene.listing().isEmpty)
    }

    @Test(
        "a file that nobody needs may have a name that no other system or no file system takes",
        arguments: [
            "C:\\x", "a\\..\\b", "runs/2023-05-01T12:34:56/events.out", "\u{1}", String(repeating: "a", count: 300),
        ]
    )
    func strangeList(name: String) async throws {
        var repository = FakeRepository.model
        repository.furtherNames = [name]
        let scene = try HubScene(repository)
        #expect(try await scene.hub.snapshot(of: "owner/tiny").files.contains("config.json"))
    }

    @Test(
        "an index with such a shard, or with a pickle",
        arguments: ["../../../x.safetensors", "/x.safetensors", "x.bin", "y.safetensors"]
    )
    func evilIndex(shard: String) async throws {
        var repository = FakeRepository.model
        repository.files["model.safetensors"] = nil
        repository.files["x.bin"] = [1]
        repository.files["model.safetensors.index.json"] = Array(#"{"weight_map": {"a": "\#(shard)"}}"#.utf8)
        let scene = try HubScene(repository)
        let error = await #expect(throws: HubError.self) { try await scene.hub.folder(of: "owner/tiny") }
        let isOutside = shard.hasPrefix(".") || shard.hasPrefix("/")
        #expect(error?.kind == (isOutside ? .invalidName : .unsuitable), "\(String(describing: error))")
        #expect(error?.description.contains(shard) == true, "\(String(describing: error))")
        #expect(scene.gets("x.bin").isEmpty && !scene.listing().contains("refs/main"))
    }

    @Test(
        "pickles and files elsewhere are not asked for",
        arguments: ["pytorch_model.bin", "a.pt", "a.ckpt", "../a", "/a", "a.pkl", "A.BIN"]
    )
    func refusedFiles(file: String) async throws {
        let scene = try HubScene(.model)
        let error = await #expect(throws: HubError.self) { try await scene.hub.file(file, of: "owner/tiny") }
        let part = file.hasSuffix("/a") ? "is refused" : "\(file) of owner/tiny is a Python pickle"
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
        #expect(scene.server.requests.isEmpty)
    }

    @Test("a file that is not there: which GGUF files there are")
    func missingFile() async throws {
        let scene = try HubScene(FakeRepository(files: ["a.gguf": [1], "b.gguf": [2]]))
        let error = await #expect(throws: HubError.self) { try await scene.hub.file("c.gguf", of: "owner/tiny") }
        #expect(error?.description.contains("has no file c.gguf: a.gguf, b.gguf") == true)
    }
}
