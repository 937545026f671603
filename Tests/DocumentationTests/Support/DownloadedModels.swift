import Foundation
import TestSupport

/// A cache of the hub with the models that the documentation calls by their names, as a download leaves them, so that
/// nothing is asked of the hub.
actor DownloadedModels {
    static let shared = DownloadedModels()

    private static let commit = String(repeating: "0123456789", count: 4)
    private static let modelFiles = [
        "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt",
    ]

    private var cache: TemporaryFolder?

    /// The variables by which programs find it.
    func environment() throws -> [String: String] {
        let cache = try cache ?? make()
        self.cache = cache
        return ["HF_HOME": cache.url.path, "HF_HUB_OFFLINE": "1"]
    }

    private func make() throws -> TemporaryFolder {
        let cache = try TemporaryFolder()
        let model = FetchedFiles.url("minilm")
        for (name, revision) in ["bert-base-uncased": "main", "owner/name": "v1.0"] {
            let snapshot = try snapshot(of: name, revision, in: cache)
            for file in Self.modelFiles { try copy(model.appending(path: file), to: snapshot.appending(path: file)) }
        }
        let language = FetchedFiles.url("smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
        try copy(language, to: snapshot(of: "owner/name-GGUF", "main", in: cache).appending(path: "name.Q4_K_M.gguf"))
        return cache
    }

    private func snapshot(of name: String, _ revision: String, in cache: TemporaryFolder) throws -> URL {
        let repository = "hub/models--" + name.replacing("/", with: "--")
        try cache.write(Self.commit.utf8, to: "\(repository)/refs/\(revision)")
        let snapshot = cache.url.appending(path: "\(repository)/snapshots/\(Self.commit)")
        try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
        return snapshot
    }

    /// A link to another disk would lead out of the cache.
    private func copy(_ original: URL, to place: URL) throws {
        guard (try? FileManager.default.linkItem(at: original, to: place)) == nil else { return }
        try FileManager.default.copyItem(at: original, to: place)
    }
}
