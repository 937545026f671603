import Foundation
import PEFTFormats
import Testing

@Suite("Every method")
struct MethodTests {
    /// Options of train, and the methods that list shows for the result.
    static let recipes: [(options: String, method: String)] = [
        ("--method lora --rank 2 --bias lora_only --lora-plus-ratio 16", "lora"),
        ("--targets query,word_embeddings --lora-plus-ratio 4 --lora-plus-embedding-learning-rate 1e-3", "lora"),
        ("--initialization pissa --rank 4 --rslora", "lora"),
        ("--initialization olora --rank 4", "lora"),
        ("--initialization orthogonal --rank 4", "lora"),
        ("--initialization eva --rank 2 --eva-rho 1 --eva-whiten", "lora"),
        ("--modules-to-save pooler", "lora"),
        ("--method dora --rank 2 --targets all-linear --exclude-targets intermediate.dense", "dora"),
        ("--method dora --initialization eva --rank 2", "dora"),
        ("--method ia3", "ia3"),
        ("--method ia3 --targets key,intermediate.dense --feed-forward-targets intermediate.dense", "ia3"),
        ("--method ia3 --targets value", "ia3"),
        ("--method bitfit", "bitfit"),
        ("--method bitfit --biases query-and-intermediate", "bitfit"),
        ("--method bitfit --biases query,LayerNorm", "bitfit"),
        ("--method adapter", "adapter"),
        ("--method adapter --adapter-config double_seq_bn --reduction-factor 8,1=4 --activation gelu", "adapter"),
        ("--method adapter --adapter-config scaled_par_bn --dropout 0.1 --leave-out 0 --adapter-name films", "adapter"),
        ("--method adapter --scaling channel --adapter-init mam_adapter", "adapter"),
        ("--method prefix --virtual-tokens 3", "prefix"),
        ("--method prefix --prefix-projection --encoder-hidden-size 5 --virtual-tokens 3", "prefix"),
        ("--method prefix --prefix-init zero", "prefix"),
        ("--method prompt --virtual-tokens 3 --prompt-pooler peft", "prompt"),
        ("--method prompt --prompt-init sample_vocab", "prompt"),
        ("--method prompt --virtual-tokens 4 --prompt-init text --prompt-text good", "prompt"),
        ("--method prefix,lora --virtual-tokens 3 --rank 2", "prefix,lora"),
        ("--method adapter,ia3,prompt --virtual-tokens 3 --reduction-factor 4", "adapter,ia3,prompt"),
    ]

    @Test("trains, is saved, and gives what it gave at the end of its training", arguments: recipes.map(\.options))
    func training(options: String) async throws {
        let method = try #require(Self.recipes.first { $0.options == options }).method
        let scene = try Scene()
        let given =
            options.split(separator: " ").map(String.init) + ["--validation", scene.path("test.jsonl"), "--json"]
        let training = try await Peft.run(scene.arguments(output: "adapter") + given)
        try #require(training.status == 0, "\(training.errors)")
        #expect(training.errors.contains("\ntrainable params: "))
        let evaluation = try await scene.evaluate(
            "--adapter",
            scene.path("adapter"),
            "--data",
            scene.path("test.jsonl"),
            "--json"
        )
        try #require(evaluation.status == 0, "\(evaluation.errors)")
        let last = try training.json()["epochs"].elements()[0]["validation"]["loss"].double()
        let loss = try evaluation.json()["loss"].double()
        #expect(abs(loss - last) < 1e-5 * max(1, last))
        let list = try await Peft.run(["list", scene.path("adapter"), "--json"])
        #expect(try list.json().elements().map { try $0["method"].string() } == [method])
    }

    @Test("full makes a model that needs no adapter")
    func full() async throws {
        let scene = try Scene()
        let options = ["--method", "full", "--validation", scene.path("test.jsonl"), "--json"]
        let training = try await Peft.run(scene.arguments(output: "tuned") + options)
        try #require(training.status == 0, "\(training.errors)")
        #expect(training.errors.contains("trainable%: 100.0000"))
        let files = Scene.runFiles.union(["config.json", "model.safetensors", "vocab.txt", "evaluation.json"])
        #expect(try scene.listing(of: "tuned") == files)
        let evaluation = try await Peft.run([
            "evaluate", "--model", scene.path("tuned"), "--data", scene.path("test.jsonl"), "--json",
        ])
        let last = try training.json()["epochs"].elements()[0]["validation"]["loss"].double()
        #expect(try abs(evaluation.json()["loss"].double() - last) < 1e-5)
        #expect(try evaluation.json()["labels"].strings() == ["negative", "neutral", "positive"])
    }

    @Test("full refuses a folder that holds anything before it trains, and changes nothing")
    func fullDestination() async throws {
        let scene = try Scene()
        try scene.write("mine", to: "tuned/notes.txt")
        try await scene.expectNothingWritten {
            try await scene.train("--method", "full", output: "tuned").expectRefusal(scene.path("tuned"))
        }
    }

    @Test("is continued by --from-adapter: a step of no size leaves every byte", arguments: ["ia3", "prefix,lora"])
    func continuing(method: String) async throws {
        let scene = try Scene()
        try await scene.trained("--method", method)
        try await scene.trained(
            "--from-adapter",
            scene.path("adapter"),
            "--learning-rate",
            "1e-30",
            output: "same"
        )
        let files = try scene.listing(of: "adapter")
        #expect(try scene.listing(of: "same") == files)
        for file in files where file.contains("adapter") || file.contains("peftkit") {
            if !file.contains(".") { continue }
            #expect(try scene.bytes("same/\(file)") == scene.bytes("adapter/\(file)"))
        }
    }

    @Test("takes LoRA+ from --from-adapter only where it is a LoRA")
    func continuingWithLoRAPlus() async throws {
        let scene = try Scene()
        try await scene.trained("--method", "ia3")
        let outcome = try await scene.train("--from-adapter", scene.path("adapter"), "--lora-plus-ratio", "4")
        outcome.expectRefusal(code: 64, "--lora-plus-ratio belongs to the methods lora, dora, not to ia3")
    }

    /// Options that do not fit the tiny model, with what the error must contain.
    static let unfitting: [(options: String, part: String)] = [
        ("--targets querry", "querry"),
        ("--method dora --targets quary", "quary"),
        ("--method dora --targets word_embeddings", "word_embeddings"),
        ("--method ia3 --targets valeu", "valeu"),
        ("--method bitfit --biases qurey", "qurey"),
        ("--modules-to-save poler", "poler"),
        ("--layers 7", "7"),
        ("--initialization pissa --rank 33", "rank of at most 32"),
        ("--method adapter --reduction-factor 33", "leaves no width of the 32 features"),
        ("--method adapter --leave-out 9", "no block 9"),
        ("--method prefix --virtual-tokens 64", "leave no room for a text in the 64 positions"),
        ("--method prompt --virtual-tokens 64", "leave no room for a text in the 64 positions"),
        ("--method dora,dora", "both claim"),
        ("--method prefix --virtual-tokens 10 --max-length 60", "60"),
    ]

    @Test("says what does not fit the model before any work", arguments: unfitting.map(\.options))
    func doesNotFit(options: String) async throws {
        let part = try #require(Self.unfitting.first { $0.options == options }).part
        let scene = try Scene()
        try await scene.expectNothingWritten {
            let arguments = scene.arguments(output: "adapter") + options.split(separator: " ").map(String.init)
            try await Peft.run(arguments).expectRefusal(part)
        }
    }
}
