import ArgumentParser
import Foundation
import PEFTFormats
import PEFTHub

struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what is in a model, an adapter or a safetensors file.",
        usage: "peft inspect <path> [--json]",
        discussion: """
            Prints the configuration, every tensor with its type, shape and size, and the totals. Of a model it also \
            says whether it can be loaded, of an adapter what it was trained on.

              peft inspect adapter
              peft inspect bert
              peft inspect bert/model.safetensors --json
            """
    )

    @Argument(
        help: ArgumentHelp(
            "A model folder, an adapter folder, a name on the hub, a .safetensors file or a .safetensors.index.json.",
            valueName: "path"
        )
    )
    var path: String

    @OptionGroup(title: "Output") var json: JSONOption

    func validate() throws {
        try Requirement.checkPath(path, "the path")
    }

    func run() async throws {
        let fetched = try await HubPath(path, option: "inspect").fetched(.modelOrAdapter)
        let inspection = try Inspections.inspect(fetched?.model.path ?? path)
        if json.isJSON {
            try Output.result(.object(inspection.json))
        } else {
            try Output.result(inspection.text)
        }
    }
}
