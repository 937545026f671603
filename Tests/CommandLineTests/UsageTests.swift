import Foundation
import Testing

@Suite("Usage")
struct UsageTests {
    static let commands = [
        "train", "evaluate", "predict", "parameters", "merge", "combine", "convert", "list", "tokenize", "inspect",
        "report", "compare",
    ]

    @Test("help goes to standard output, fits 80 columns and offers --json", arguments: commands)
    func help(command: String) async throws {
        for arguments in [[command, "--help"], ["help", command]] {
            let outcome = try await Peft.run(arguments)
            #expect(outcome.status == 0 && outcome.errors.isEmpty)
            #expect(outcome.output.contains("\n  --json "))
            #expect(outcome.output.contains("\n  peft \(command) "), "an example")
            for line in outcome.lines { #expect(line.count <= 80, "\(line)") }
        }
    }

    @Test("the overall help names every command, the streams and the exit codes")
    func overview() async throws {
        let outcome = try await Peft.run(["--help"])
        #expect(outcome.status == 0)
        for command in Self.commands { #expect(outcome.output.contains("\n  \(command) ")) }
        for word in ["standard output", "standard error", "64"] { #expect(outcome.output.contains(word)) }
        for line in outcome.lines { #expect(line.count <= 80, "\(line)") }
    }

    @Test("the version is a line")
    func version() async throws {
        let outcome = try await Peft.run(["--version"])
        #expect(outcome.status == 0 && outcome.lines.count == 1)
    }

    /// Options out of range or that do not go together, with what the error must contain.
    static let wrong: [(arguments: String, part: String)] = [
        ("", "--model"),
        ("--rank x", "'--rank <r>'"),
        ("--rank 0", "rank must be from 1 to 65536, not 0"),
        ("--rank 1000000000", "rank must be from 1 to 65536"),
        ("--alpha 0", "alpha"),
        ("--alpha nan", "alpha"),
        ("--dropout 1", "dropout must be at least 0 and below 1, not 1"),
        ("--dropout -0.1", "dropout"),
        ("--rank-pattern query", "--rank-pattern \"query\""),
        ("--rank-pattern query=0", "rank"),
        ("--alpha-pattern query=x", "--alpha-pattern"),
        ("--layers 0,,1", "--layers"),
        ("--layers=", "--layers"),
        ("--targets query,", "--targets"),
        ("--method nonsense", "--method must be one of lora, dora, adapter, prefix, prompt, bitfit, ia3, full"),
        ("--method nonsense", "not nonsense"),
        ("--settings {}", "--settings is for methods without options of their own, not for lora"),
        ("--method lora,", "--method \"lora,\" has an empty name"),
        ("--method lora,full", "no other method can go with it"),
        (
            "--initialization vera",
            "--initialization must be default, gaussian, pissa, olora, orthogonal or eva, not vera"
        ),
        ("--initialization eva --eva-rho 0.5", "rho must be a finite number of at least 1, not 0.5"),
        ("--eva-rho 2", "--eva-rho and --eva-whiten need --initialization eva"),
        ("--method lora,ia3 --initialization eva", "--initialization eva is for one method at a time"),
        ("--bias some", "--bias must be none, all or lora_only, not some"),
        ("--lora-plus-ratio 0", "LoRA+ ratio must be a number above 0"),
        ("--lora-plus-embedding-learning-rate 1e-6", "needs --lora-plus-ratio"),
        ("--method ia3 --lora-plus-ratio 16", "--lora-plus-ratio belongs to the methods lora, dora, not to ia3"),
        ("--method ia3 --rank 4", "--rank belongs to the methods lora, dora, not to ia3"),
        ("--virtual-tokens 4", "--virtual-tokens belongs to the methods prefix, prompt, not to lora"),
        ("--method prefix,ia3 --biases all", "--biases belongs to the method bitfit, not to prefix, ia3"),
        ("--method full --modules-to-save pooler", "--modules-to-save belongs to the methods"),
        ("--modules-to-save pooler,", "--modules-to-save"),
        ("--method bitfit --biases query,,key", "--biases \"query,,key\" has an empty name"),
        (
            "--method adapter --adapter-config seq",
            "--adapter-config must be seq_bn, double_seq_bn, par_bn or scaled_par_bn"
        ),
        ("--method adapter --reduction-factor 0", "reduction factor must be a finite number above 0"),
        ("--method adapter --reduction-factor 16,8", "--reduction-factor \"16,8\" must be a number"),
        ("--method adapter --activation sine", "--activation must be relu, swish, gelu, gelu_new or tanh, not sine"),
        ("--method adapter --scaling twice", "--scaling must be a number, learned or channel, not twice"),
        ("--method adapter --adapter-init zero", "--adapter-init must be bert, mam_adapter or houlsby, not zero"),
        ("--method adapter --adapter-name a.b", "cannot be an adapter's name"),
        ("--method adapter --leave-out x", "--leave-out"),
        ("--method prefix --virtual-tokens 0", "virtual tokens of prefix must be at least 1, not 0"),
        ("--method prefix --encoder-hidden-size 8", "--encoder-hidden-size needs --prefix-projection"),
        ("--method prefix --prefix-projection --encoder-hidden-size 0", "must be from 1 to 65536, not 0"),
        ("--method prefix --prefix-init one", "--prefix-init must be random or zero, not one"),
        ("--method prompt --virtual-tokens 0", "virtual tokens of prompt must be at least 1, not 0"),
        ("--method prompt --prompt-init vocabulary", "--prompt-init must be random, sample_vocab or text"),
        ("--method prompt --prompt-init text", "--prompt-init text needs a --prompt-text"),
        ("--method prompt --prompt-text good", "--prompt-text needs --prompt-init text"),
        ("--method prompt --prompt-pooler sep", "--prompt-pooler must be cls or peft, not sep"),
        ("--epochs 0", "epochs must be from 1 to"),
        ("--epochs 9223372036854775807", "epochs must be from 1 to"),
        ("--batch-size 0", "batch size"),
        ("--batch-size 9223372036854775807", "batch size"),
        ("--gradient-accumulation-steps 0", "accumulation steps"),
        ("--learning-rate 0", "learning rate must be a number above 0"),
        ("--learning-rate inf", "learning rate"),
        ("--weight-decay -1", "weight decay"),
        ("--warmup-steps -1", "--warmup-steps must be at least 0, not -1"),
        ("--scheduler cosine_with_restarts --lr-cycles 1.5", "--lr-cycles must be a whole number"),
        ("--scheduler cosine_with_restarts --lr-cycles inf", "--lr-cycles must be a whole number"),
        ("--scheduler cosine_with_restarts --lr-cycles 1e30", "--lr-cycles must be a whole number"),
        ("--lr-decay-type linear", "--lr-decay-type belongs to --lr-scheduler-type warmup_stable_decay, not to linear"),
        ("--scheduler warmup_stable_decay --lr-decay-steps 2 --lr-decay-type sine", "--lr-decay-type"),
        ("--max-grad-norm -1", "gradient norm"),
        ("--max-length 0", "--max-length must be at least 1, not 0"),
        ("--base-dropout 1.5", "base dropout must be at least 0 and below 1"),
        ("--seed -1", "--seed"),
        ("--label-smoothing-factor 1", "--label-smoothing-factor must be at least 0 and below 1, not 1"),
        ("--label-smoothing-factor -0.1", "--label-smoothing-factor must be at least 0 and below 1"),
        ("--class-weights even", "--class-weights \"even\" must be balanced, or numbers above 0 separated by commas"),
        ("--class-weights 1,0", "--class-weights \"1,0\" must be"),
        ("--class-weights 1,,2", "--class-weights \"1,,2\" must be"),
        ("--class-weights -1,2", "--class-weights \"-1,2\" must be"),
        ("--neftune-noise-alpha -1", "NEFTune noise alpha must be a number of at least 0, not -1"),
        ("--limit 0", "--limit must be at least 1, not 0"),
        ("--threads 0", "--threads must be from 1 to 1024, not 0"),
        ("--threads 1025", "--threads must be from 1 to 1024"),
        ("--from-adapter a --rank 4", "--rank cannot be combined with --from-adapter"),
        ("--from-adapter a --rslora", "--rslora cannot be combined with --from-adapter"),
        ("--from-adapter a --method lora", "--method cannot be combined with --from-adapter"),
        ("--epoch 3", "'--epoch'"),
        ("left over", "'left'"),
    ]

    @Test("wrong options of train end with code 64 and name the option", arguments: wrong.map(\.arguments))
    func wrongOptions(arguments: String) async throws {
        let part = try #require(Self.wrong.first { $0.arguments == arguments }).part
        let required = arguments.isEmpty ? [] : ["--model", "m", "--train", "t.jsonl", "--output", "o"]
        let outcome = try await Peft.run(["train"] + required + arguments.split(separator: " ").map(String.init))
        outcome.expectRefusal(code: 64, part, "See 'peft train --help'.")
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "so do those of the other commands",
        arguments: [
            ["evaluate", "--model", "m"], ["evaluate", "--model", "m", "--data", "d.jsonl", "--limit", "0"],
            ["predict", "--model", "m"], ["predict", "--model", "m", "--text", "a", "--input", "b.txt"],
            ["predict", "--model", "m", "--text", "a", "--max-length", "-1"], ["tokenize", "--text", "a"],
            ["tokenize", "--model", "m", "--text", "a", "--max-length", "0"], ["inspect"], ["inspect", "a", "b"],
            ["predict", "--model", "m", "--adapter", "a", "--adapter", "b", "--text", "a"],
            ["predict", "--model", "m", "--adapter", "a=x", "--adapter", "a=y", "--input", "i.jsonl"],
            ["predict", "--model", "m", "--adapter", "a=x", "--adapter", "y", "--input", "i.jsonl"],
            ["predict", "--model", "m", "--adapter", "__base__=x", "--input", "i.jsonl"],
            ["predict", "--model", "m", "--adapter", "a=x", "--text", "a"],
            ["predict", "--model", "m", "--adapter-column", "a", "--text", "a"],
            ["parameters"], ["parameters", "--model", "m", "--rank", "0"],
            ["parameters", "--model", "m", "--from-adapter", "a", "--classes", "3"], ["merge", "--model", "m"],
            ["list"], ["report"], ["report", "a", "b"], ["compare"],
            ["convert", "--model", "m", "--adapter", "a", "--to", "onnx", "--output", "o"],
        ]
    )
    func otherCommands(arguments: [String]) async throws {
        let outcome = try await Peft.run(arguments)
        outcome.expectRefusal(code: 64, "See 'peft \(arguments[0]) --help'.")
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "an empty path, such as a shell variable that isn't set, is not the working folder",
        arguments: [
            ("--model", ["predict", "--model", "", "--text", "a"]),
            ("--adapter", ["predict", "--model", "m", "--adapter", "", "--text", "a"]),
            ("--output", ["predict", "--model", "m", "--text", "a", "--output", ""]),
            ("--input", ["predict", "--model", "m", "--input", ""]),
            ("--data", ["evaluate", "--model", "m", "--data", ""]),
            ("--output", ["train", "--model", "m", "--train", "t", "--output", ""]),
            ("--train", ["train", "--model", "m", "--train", "", "--output", "o"]),
            ("--validation", ["train", "--model", "m", "--train", "t", "--validation", "", "--output", "o"]),
            ("--from-adapter", ["train", "--model", "m", "--train", "t", "--from-adapter", "", "--output", "o"]),
            ("--model", ["tokenize", "--model", "", "--text", "a"]), ("the path", ["inspect", ""]),
            ("the path", ["list", ""]), ("--adapter", ["predict", "--model", "m", "--adapter", "a=", "--input", "i"]),
            ("the path", ["report", ""]), ("the path", ["compare", "a", ""]),
            ("--output", ["compare", "a", "--output", ""]),
            ("--output", ["merge", "--model", "m", "--adapter", "a", "--output", ""]),
            ("--adapter", ["convert", "--model", "m", "--adapter", "", "--to", "peft", "--output", "o"]),
        ]
    )
    func emptyPath(option: String, arguments: [String]) async throws {
        try await Peft.run(arguments).expectRefusal(code: 64, "\(option) must not be empty. See")
    }

    @Test("an unknown command ends with code 64")
    func unknownCommand() async throws {
        try await Peft.run(["fine-tune"]).expectRefusal(code: 64, "'fine-tune'", "See 'peft --help'.")
    }
}
