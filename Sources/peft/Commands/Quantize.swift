import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Quantize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store a model's weights in 4 or 8 bits.",
        usage: "peft quantize --model <model> --to <nf4|int8> --output <dir> [<options>]",
        discussion: """
            The linear weights of all blocks are quantised as the Python package bitsandbytes does it, the type nf4 to 4 \
            bits and int8 to 8; embeddings, norms and heads stay as they are. Adapters train on the result as on any \
            model, which is what QLoRA does, and transformers loads it with bitsandbytes.

              peft quantize --model bert --to nf4 --output bert-nf4
              peft train --model bert-nf4 --train reviews.jsonl --output adapter
            """
    )

    enum Target: String, ExpressibleByArgument, CaseIterable {
        case nf4, int8

        var blockType: BlockType {
            switch self {
            case .nf4: .nf4
            case .int8: .int8
            }
        }
    }

    struct Encoding: ParsableArguments {
        @Option(help: ArgumentHelp("The type of the weights: nf4 or int8.", valueName: "type"))
        var to: Target

        @Flag(
            help: """
                Quantise the scales of nf4, too: for a weight 4.13 bits instead of 4.5, and a little less accurate.
                """
        )
        var doubleQuantized = false

        func validate() throws {
            guard !doubleQuantized || to == .nf4 else {
                throw ValidationError("--double-quantized is for --to nf4; int8 has one scale per row")
            }
        }
    }

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Quantization") var encoding: Encoding
    @OptionGroup(title: "Output") var destination: Merge.Destination
    @OptionGroup(title: "Output") var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        let output = URL(filePath: destination.output, directoryHint: .isDirectory)
        try FrozenModel<AnyArchitecture>.checkDestination(output)
        let model = try await model.located()
        // Opened as what it is, since the head is written, too.
        let isLanguageModel = TaskOptions.stated(by: model) == .languageModel
        let before =
            try isLanguageModel ? quantize(model.openLanguageModel(), to: output) : quantize(model.open(), to: output)
        let after = try Self.weightBytes(in: output)
        try FolderResult.write(
            "weights of \(before.megabytes) became \(after.megabytes); the quantised model is in",
            output: destination.output,
            [
                ("type", .string(encoding.to.rawValue)), ("bytes_before", JSONValue(before)),
                ("bytes_after", JSONValue(after)),
            ],
            json: json.isJSON
        )
    }

    /// The size of the weights as they were.
    private func quantize(_ base: FrozenModel<some LoadableArchitecture>, to output: URL) throws -> Int {
        try base.quantized(to: encoding.to.blockType).save(to: output, nestsMaxima: encoding.doubleQuantized)
        return base.report.loadedBytes
    }

    private static func weightBytes(in folder: URL) throws -> Int {
        try WeightSource(path: folder.path).entries.reduce(0) { $0 + $1.entry.byteCount }
    }
}

extension Int {
    /// Bytes in megabytes, as in `17.4 MB`.
    fileprivate var megabytes: String {
        let tenths = (self + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) MB"
    }
}
