import Foundation
import TestSupport
import Testing

/// What a program of the documentation must print and leave behind, beyond coming to its end.
struct Promise: Sendable {
    /// Patterns that whole lines match, each as often as is said.
    var lines: [(pattern: String, count: Int)] = []
    /// Parts of what it prints.
    var parts: [String] = []
    /// Lines `NAME FROM to TO` in which the second number is less than half the first.
    var halvings = 0
    /// Files that it writes.
    var files: [String] = []

    /// A method's program: it trains as many numbers as its page says, and for the better.
    static func method(trains count: String, parts: [String] = [], files: [String] = []) -> Promise {
        let loss = (pattern: #"loss \d+\.\d+ then \d+\.\d+"#, count: 1)
        return Promise(lines: [loss], parts: ["trainable params: \(count) ||"] + parts, files: files)
    }

    static let answer = #"(positive|negative) 0\.\d+"#

    /// By the programs' names.
    static let all: [String: Promise] = [
        "README": Promise(lines: [(answer, 2)], files: ["adapter/adapter_model.safetensors"]),
        "Sources/PEFTKit/PEFTKit.docc/PEFTKit": Promise(
            lines: [(answer, 2)],
            files: ["adapter/adapter_model.safetensors"]
        ),
    ]
    .merging(guides) { $1 }
    .merging(methods) { $1 }

    private static let guides: [String: Promise] = [
        "FineTuneBERT": Promise(lines: [(answer, 2)], files: ["merged-by-the-program/model.safetensors"]),
        "ServeManyAdapters": Promise(
            lines: [(#"(sentiment|length) \w+ 0\.\d+"#, 2)],
            files: ["merged-sentiment/model.safetensors"]
        ),
        "ModelsFromTheHub": Promise(parts: ["bert-base-uncased 30522"]),
        "FollowARun": Promise(
            parts: ["stopped after step 3", "the same to the bit: true"],
            files: ["run/report.html"]
        ),
        "TasksOfYourOwn": Promise(halvings: 2),
        "TuneAnLLM": Promise(
            lines: [("(before|after) perplexity .*", 2)],
            parts: ["A council of nine gardeners. endToken"],
            files: ["assistant/adapter_model.safetensors"]
        ),
        "TuneAnLLM#2": Promise(
            parts: ["the same base: true", "encoded after merging: false"],
            files: ["minilm-nf4/model.safetensors"]
        ),
        "WriteYourOwnMethod": Promise(lines: [(".* answers the same", 3)], halvings: 1),
        "BringYourOwnModel": Promise(parts: ["merged, the same answer: true", "the same base: true"]),
    ]
    .reduce(into: [:]) { $0["Sources/PEFTKit/PEFTKit.docc/Guides/\($1.key)"] = $1.value }

    private static let methods: [String: Promise] = [
        "LoRA": method(trains: "74,498", files: ["adapter/adapter_model.safetensors", "merged/model.safetensors"]),
        "DoRA": method(trains: "79,106", parts: [" by "]),
        "Adapter": method(trains: "113,810", parts: ["more\n"], files: ["adapter/adapter.safetensors"]),
        "Prefix": method(trains: "92,930", parts: ["1930370 to train, 92930 to keep"]),
        "Prompt": method(trains: "8,450"),
        "BitFit": method(trains: "26,882", parts: ["instead of 26882"]),
        "IA3": method(trains: "16,898", files: ["merged/model.safetensors"]),
        "FullFineTuning": method(trains: "22,713,986", files: ["fine-tuned/model.safetensors"]),
        "Stacked": method(trains: "233,618", parts: ["prefix ", "adapter ", "lora "]),
    ]
    .reduce(into: [:]) { $0["Sources/PEFTKit/PEFTKit.docc/Methods/\($1.key)"] = $1.value }

    /// Holds a program to it.
    func expectKept(by program: Command, on desk: Desk) throws {
        let printed = program.output.split(separator: "\n").map(String.init)
        for (pattern, count) in lines {
            let regex = try Regex(pattern)
            #expect(printed.count { $0.wholeMatch(of: regex) != nil } == count, "\(pattern) in:\n\(program.output)")
        }
        for part in parts { #expect(program.output.contains(part), "\(part) in:\n\(program.output)") }
        let halved = printed.count { line in
            let words = line.split(separator: " ")
            guard words.count == 4, words[2] == "to", let from = Double(words[1]), let to = Double(words[3]) else {
                return false
            }
            return to < from / 2
        }
        #expect(halved == halvings, "\(program.output)")
        for file in files { #expect(desk.exists(file), "\(file) was not written") }
    }
}
