import ArgumentParser
import PEFTFormats
import PEFTKit

struct Combine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Combine LoRAs of one base with weights.",
        usage: """
            peft combine --model <model> --adapter <name>=<dir>[:<weight>] ...
                --output <dir> [<options>]
            """,
        discussion: """
            The result is one LoRA with the head of one of them. The kinds are those of Python's peft: cat is the exact \
            weighted sum, svd approximates it with a given rank, and linear adds the factors. magnitude_prune, ties, \
            dare_linear and dare_ties, each also with _svd behind it, reduce how the adapters disturb each other.

              peft combine --model bert --adapter films=films:0.7 \\
                --adapter books=books:0.3 --output both
              peft combine --model bert --adapter films=films --adapter books=books \\
                --kind ties --density 0.5 --head books --output both
            """
    )

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Combination") var combination: CombinationOptions
    @OptionGroup(title: "Output") var destination: AdapterDestination
    @OptionGroup(title: "Output") var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        try AdapterFolder.checkDestination(destination.folder)
        let terms = try combination.terms()
        var folders: [AdapterFolder] = []
        for term in terms { folders.append(try await term.reference.folder()) }
        let model = try await model.located()
        let isOfLanguageModel = folders.contains { $0.task == .languageModel }
        let combined =
            try isOfLanguageModel
            ? combine(folders, terms, of: model.openLanguageModel()) : combine(folders, terms, of: model.open())
        try FolderResult.write(
            "the combined adapter is in",
            output: destination.output,
            [
                ("kind", .string(try combination.recipe().kind.rawValue)),
                (
                    "adapters",
                    .array(
                        terms.map {
                            .object(["name": .string($0.reference.name ?? ""), "weight": .number(of: $0.weight)])
                        }
                    )
                ),
                ("trainable_parameters", JSONValue(combined.parameterCount)),
                ("labels", .strings(combined.labels)),
            ],
            json: json.isJSON
        )
    }

    private func combine(
        _ folders: [AdapterFolder],
        _ terms: [(reference: AdapterReference, weight: Double)],
        of base: FrozenModel<some AdaptableModel>
    ) throws -> AdapterBundle {
        let adapters = try folders.map { try $0.adapterWithWarnings(for: base) }
        let combined = try AdapterBundle.combining(
            zip(adapters, terms).map { (adapter: $0, weight: $1.weight) },
            by: try combination.recipe(),
            headOf: try combination.headNumber()
        )
        try combined.save(to: destination.folder, for: base)
        return combined
    }
}
