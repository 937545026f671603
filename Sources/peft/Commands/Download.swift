import ArgumentParser
import Foundation
import PEFTFormats
import PEFTHub

struct Download: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch a model or an adapter from the Hugging Face hub.",
        usage: "peft download <name> [--revision <revision>] [--file <file> ...] [--json]",
        discussion: """
            Only what is needed is fetched: the configuration, safetensors and the tokenizer's files, and no pickles. They go \
            to the cache that Python's huggingface_hub uses, too, and an interrupted download goes on where it was. Prints the \
            folder; every --model takes the name itself.

              peft download bert-base-uncased
              peft download owner/name --revision v1.0
              peft download owner/name-GGUF --file name.Q4_K_M.gguf

            The environment says what it says to Python: HF_TOKEN or the file of `hf auth login` for private repositories, \
            HF_HOME or HF_HUB_CACHE for the cache, HF_ENDPOINT for a mirror, HF_HUB_OFFLINE=1 for the cache alone.
            """
    )

    @Argument(help: ArgumentHelp("The repository, as in bert-base-uncased or owner/name@revision.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("A branch, tag or commit. (default: main)", valueName: "revision"))
    var revision: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Fetch this file and nothing else; may be repeated.", valueName: "file")
    )
    var file: [String] = []

    @OptionGroup(title: "Output") var json: JSONOption

    func validate() throws {
        try Requirement.checkPath(name, "the name")
        try Requirement.checkPath(revision, "--revision")
        for file in file { try Requirement.checkPath(file, "--file") }
        try Requirement.check {
            let parsed = try HubName(name)
            guard revision == nil || parsed.revision == nil else {
                throw ValidationError("give the revision once, by --revision or behind the @ in \(name)")
            }
            guard file.isEmpty || parsed.file == nil else {
                throw ValidationError("give the file once, by --file or in \(name)")
            }
        }
    }

    func run() async throws {
        let content = file.isEmpty ? HubContent.modelOrAdapter : .files(file)
        let snapshot = try await ModelHub().snapshot(
            of: name,
            content,
            revision: revision,
            report: DownloadDisplay().show
        )
        guard json.isJSON else { return try Output.result(snapshot.model.path) }
        let files = zip(snapshot.files, try snapshot.sizes()).map { name, bytes in
            JSONValue.object(["name": .string(name), "bytes": JSONValue(bytes)])
        }
        try Output.result(
            .object([
                "repository": .string(snapshot.repository), "revision": .string(snapshot.revision),
                "commit": .string(snapshot.commit), "path": .string(snapshot.model.path), "files": .array(files),
            ])
        )
    }
}
