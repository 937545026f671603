import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Merge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Merge an adapter into its base, as a plain model.",
        usage: "peft merge --model <model> --adapter <dir> --output <dir> [<options>]",
        discussion: """
            The result is a Hugging Face checkpoint that answers like the base with the adapter, at the base's cost; \
            transformers loads it without peft. The methods lora, dora, ia3 and bitfit can be merged; adapter, prefix \
            and prompt change what no weights can. All its weights are floats, also those of a quantised base.

              peft merge --model bert --adapter adapter --output merged
              peft predict --model merged --text "A wonderful film."
            """
    )

    struct Destination: ParsableArguments {
        @Option(help: ArgumentHelp("Where the model folder goes; it must be new or empty.", valueName: "dir"))
        var output: String

        func validate() throws {
            try Requirement.checkPath(output, "--output")
        }
    }

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Model") var adapter: OneAdapterOption
    @OptionGroup(title: "Output") var destination: Destination
    @OptionGroup(title: "Output") var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        let output = URL(filePath: destination.output, directoryHint: .isDirectory)
        try FrozenModel<AnyArchitecture>.checkDestination(output)
        let folder = try AdapterFolder(await adapter.located())
        let model = try await model.located()
        let adapter =
            try folder.task == .languageModel
            ? merge(folder, into: model.openLanguageModel(), output) : merge(folder, into: model.open(), output)
        try FolderResult.write(
            "the merged model is in",
            output: destination.output,
            [("method", .string(type(of: adapter.method).name)), ("labels", .strings(adapter.labels))],
            json: json.isJSON
        )
    }

    private func merge(
        _ folder: AdapterFolder,
        into base: FrozenModel<some LoadableArchitecture>,
        _ output: URL
    ) throws -> AdapterBundle {
        let adapter = try folder.adapterWithWarnings(for: base)
        let encoded = base.blockTypes.map(\.description).joined(separator: " and ")
        if !encoded.isEmpty {
            Output.note("note: the base is quantised (\(encoded)); the merged model is in 32-bit floats")
        }
        try base.merging(adapter).save(to: output)
        return adapter
    }
}
