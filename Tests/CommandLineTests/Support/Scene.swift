import Foundation
import PEFTFormats
import TestSupport
import Testing

/// A folder with a tiny model and some data, in which commands are run.
final class Scene: Sendable {
    private let folder: TemporaryFolder

    /// Where everything is.
    var root: URL { folder.url }

    /// - Parameter checkpoint: one of the tiny checkpoints of `Tests/Golden/bert/models`.
    init(checkpoint: String = "classifier") throws {
        folder = try TemporaryFolder()
        try copy(Self.golden.appendingPathComponent("models/\(checkpoint)/checkpoint"), to: "model")
        try write(Self.vocabulary.joined(separator: "\n") + "\n", to: "model/vocab.txt")
        try write(Self.reviews, to: "train.jsonl")
        try write(Self.reviews, to: "test.jsonl")
    }

    /// What Python computed for tiny checkpoints.
    static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Golden/bert")

    /// As many tokens as the tiny checkpoints have embeddings.
    static let vocabulary: [String] = {
        let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        let words = ["a", "good", "bad", "film", "plot", "dull", "warm", "story", "cast", "long", "short"]
        let known = special + letters + letters.map { "##" + $0 } + words.filter { !letters.contains($0) }
        return known + (known.count..<120).map { "word\($0)" }
    }()

    /// Eight reviews, as many of each label.
    static let reviews = [
        ("a good film", "positive"), ("a bad film", "negative"), ("warm story", "positive"), ("dull plot", "negative"),
        ("good cast", "positive"), ("a long dull film", "negative"), ("a short warm story", "positive"),
        ("bad", "negative"),
    ]
    .map { "{\"text\": \"\($0)\", \"label\": \"\($1)\"}\n" }.joined()

    func url(_ name: String) -> URL { root.appendingPathComponent(name) }

    func path(_ name: String) -> String { url(name).path }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try folder.write(text.utf8, to: name).path
    }

    /// Copies the files of a folder; by their bytes, since they may belong to somebody else.
    func copy(_ original: URL, to name: String) throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: original.path) {
            try folder.write(Data(contentsOf: original.appendingPathComponent(file)), to: "\(name)/\(file)")
        }
    }

    /// Takes an adapter that Python's peft wrote, as `adapter`.
    func takePythonAdapter(_ name: String = "query-value") throws {
        try copy(Self.golden.appendingPathComponent("adapters/\(name)/adapter"), to: "adapter")
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// Everything in the scene, hidden files included.
    func listing(of name: String = "") throws -> Set<String> {
        let root = name.isEmpty ? root.path : path(name)
        return Set(try FileManager.default.subpathsOfDirectory(atPath: root))
    }

    /// A short training run to the folder `output`; of an option given twice the last counts.
    func train(_ options: String..., output: String = "adapter", from data: String = "train.jsonl") async throws
        -> Peft.Outcome
    {
        try await Peft.run(arguments(data: data, output: output) + options)
    }

    /// The same, which must succeed.
    @discardableResult
    func trained(_ options: String..., output: String = "adapter", from data: String = "train.jsonl") async throws
        -> Peft.Outcome
    {
        let outcome = try await Peft.run(arguments(data: data, output: output) + options)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    /// The arguments of a training run; the method is left to its defaults.
    func arguments(data: String = "train.jsonl", output: String) -> [String] {
        [
            "train", "--model", path("model"), "--train", path(data), "--output", path(output), "--threads", "1",
            "--epochs", "1",
        ]
    }

    /// What a run leaves beside its adapter.
    static let runFiles: Set<String> = ["run.json", "history.json", "training.jsonl", "report.html"]

    /// Everything in a folder but what a run leaves beside its adapter.
    func resultListing(of name: String) throws -> Set<String> {
        try listing(of: name).subtracting(Self.runFiles)
    }

    func evaluate(_ options: String...) async throws -> Peft.Outcome {
        try await Peft.run(["evaluate", "--model", path("model"), "--threads", "1"] + options)
    }

    func predict(_ options: String...) async throws -> Peft.Outcome {
        try await Peft.run(["predict", "--model", path("model"), "--threads", "1"] + options)
    }
}
