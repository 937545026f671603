import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write an adapter in another layout.",
        usage: "peft convert --model <model> --adapter <dir> --to <layout> --output <dir>",
        discussion: """
            The layouts:

              peft        what Python's peft reads: a projected prefix becomes its table, and
                          a LoRA that took its start off the base an ordinary one
              adapterhub  what AdapterHub's adapters reads, for the method adapter
              parts       a stack's parts as adapters of their names in one folder
              stack       all adapters in a folder, sorted by name, as one stack

            An adapter that a layout cannot hold is refused.

              peft convert --model bert --adapter prefix --to peft --output table
              peft convert --model bert --adapter stack --to parts --output parts
            """
    )

    struct Layout: ParsableArguments {
        @Option(help: ArgumentHelp("peft, adapterhub, parts or stack.", valueName: "layout"))
        var to: String

        func validate() throws {
            _ = try layout()
        }

        func layout() throws -> AdapterLayout {
            guard let layout = AdapterLayout(rawValue: to) else {
                let names = OptionText.alternatives(AdapterLayout.allCases.map(\.rawValue))
                throw ValidationError("--to must be \(names), not \(to)")
            }
            return layout
        }
    }

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Model") var adapter: OneAdapterOption
    @OptionGroup(title: "Output") var layout: Layout
    @OptionGroup(title: "Output") var destination: AdapterDestination
    @OptionGroup(title: "Output") var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        let layout = try layout.layout()
        if layout != .parts { try AdapterFolder.checkDestination(destination.folder) }
        let conversion = try AdapterConversion(of: await adapter.located(), to: layout)
        let model = try await model.located()
        if conversion.isOfLanguageModel {
            try conversion.run(for: model.openLanguageModel(), to: destination.folder)
        } else {
            try conversion.run(for: model.open(), to: destination.folder)
        }
        try FolderResult.write(
            "the converted adapter is in",
            output: destination.output,
            [("layout", .string(layout.rawValue))],
            json: json.isJSON
        )
    }
}
