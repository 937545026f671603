import Foundation
import PEFTFormats

/// A folder with a tiny language model that reads letters, and some texts.
struct LanguageScene {
    let scene: Scene

    /// - Parameter checkpoint: one of the tiny checkpoints of `Tests/Golden/decoders/models`.
    init(checkpoint: String = "llama") throws {
        scene = try Scene()
        let golden = Scene.golden.deletingLastPathComponent().appendingPathComponent("decoders/models")
        try scene.copy(golden.appendingPathComponent("\(checkpoint)/checkpoint"), to: "language")
        try scene.write(JSONValue.object(Self.tokenizer).text(.pretty), to: "language/tokenizer.json")
        try scene.write(
            #"{"bos_token": "<s>", "eos_token": "</s>", "chat_template": "\#(Self.template)"}"#,
            to: "language/tokenizer_config.json"
        )
        try scene.write(Self.lines { "{\"text\": \"the \($0) is \($1)\"}" }, to: "texts.jsonl")
        try scene.write(Self.lines { "{\"prompt\": \"the \($0) is\", \"completion\": \" \($1)\"}" }, to: "pairs.jsonl")
        try scene.write(
            Self.lines {
                "{\"messages\": [{\"role\": \"user\", \"content\": \"the \($0)\"}, "
                    + "{\"role\": \"assistant\", \"content\": \"\($1)\"}]}"
            },
            to: "talks.jsonl"
        )
        try scene.write(String(repeating: "the sea is deep and the sky is high\n", count: 6), to: "book.txt")
    }

    private static func lines(_ line: (String, String) -> String) -> String {
        [("sky", "high"), ("sea", "deep"), ("hill", "steep"), ("tree", "green"), ("night", "dark"), ("sun", "warm")]
            .map { line($0, $1) + "\n" }.joined()
    }

    /// `u the sky</s>a high</s>`: who speaks, what is said, and the end token.
    private static let template =
        "{% for m in messages %}{{ m['role'][0] + ' ' + m['content'] }}</s>{% endfor %}"
        + "{% if add_generation_prompt %}{{ 'a ' }}{% endif %}"

    /// A token for each letter, fewer than the tiny checkpoints have embeddings.
    private static let tokenizer: JSONObject = {
        let special = ["<unk>", "<s>", "</s>"]
        let letters = "abcdefghijklmnopqrstuvwxyz.".map(String.init) + ["Ġ", "Ċ"]
        let flags = ["single_word", "lstrip", "rstrip", "normalized"]
        return [
            "version": "1.0",
            "added_tokens": .array(
                special.enumerated().map { id, content in
                    .object(
                        JSONObject(
                            [("id", JSONValue(id)), ("content", .string(content)), ("special", true)]
                                + flags.map { ($0, false) }
                        )
                    )
                }
            ),
            "normalizer": .null,
            "pre_tokenizer": [
                "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
            ],
            "post_processor": .null,
            "decoder": ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true],
            "model": [
                "type": "BPE", "dropout": .null, "unk_token": .null, "byte_fallback": false, "fuse_unk": false,
                "vocab": .object(
                    JSONObject((special + letters).enumerated().map { ($1, JSONValue($0)) })
                ),
                "merges": [],
            ],
        ]
    }()

    private var options: [String] { ["--model", scene.path("language"), "--threads", "1"] }

    /// A short training run to the folder `output`.
    func train(_ data: String, _ options: String..., output: String = "adapter") async throws -> Peft.Outcome {
        try await Peft.run(
            ["train"] + self.options + ["--train", scene.path(data), "--output", scene.path(output), "--epochs", "2"]
                + ["--batch-size", "2"] + options
        )
    }

    func evaluate(_ data: String, _ options: String...) async throws -> Peft.Outcome {
        try await Peft.run(["evaluate"] + self.options + ["--data", scene.path(data)] + options)
    }

    /// Another command.
    func run(_ command: String, _ options: String...) async throws -> Peft.Outcome {
        try await Peft.run([command, "--model", scene.path("language")] + options)
    }
}
