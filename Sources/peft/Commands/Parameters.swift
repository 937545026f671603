import ArgumentParser
import PEFTKit

struct Parameters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a method would train in a model.",
        usage: """
            peft parameters --model <model> [--method <names>] [<options>]
            peft parameters --model <model> --from-adapter <dir> [<options>]
            """,
        discussion: """
            Prints every trained tensor by its module, and how many parameters are trained of how many, as Python's \
            peft counts them. Nothing is trained and nothing is written.

              peft parameters --model bert --method lora --rank 16 --targets all-linear
              peft parameters --model bert --from-adapter adapter --json
            """
    )

    struct Classes: ParsableArguments {
        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("Classes of a fresh head; by default the checkpoint's, or 2.", valueName: "n")
        )
        var classes: Int?

        func validate() throws {
            try Requirement.check(classes, in: 1...65_536, "--classes")
        }
    }

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Model") var classes: Classes
    @OptionGroup(title: "Model") var task: TaskOptions
    @OptionGroup(title: "Method") var start: StartOptions
    @OptionGroup var method: MethodOptions
    @OptionGroup(title: "Output") var json: JSONOption

    func validate() throws {
        try start.requireNoMethod(method)
        guard start.fromAdapter == nil || classes.classes == nil else {
            throw ValidationError("--classes cannot be combined with --from-adapter, which brings its own head")
        }
    }

    func run() async throws {
        let table = try table(from: await start.folder(), await model.located())
        if json.isJSON {
            try Output.result(ParameterSummary.json(table))
        } else {
            try Output.result(ParameterSummary.text(table))
        }
    }

    private func table(from folder: AdapterFolder?, _ model: LocatedModel) throws -> ParameterTable {
        guard try task.resolved(from: folder, model: model) == .languageModel else {
            let base = try model.open()
            return ParameterTable(try adapter(from: folder, base: base, model), on: base.architecture)
        }
        guard classes.classes == nil else {
            throw CommandError("--classes is for a head, which a language model has not; give --task classification")
        }
        let base = try model.openLanguageModel()
        let adapter =
            try folder?.adapterWithWarnings(for: base)
            ?? method.freshAdapter(for: base) { try model.tokenizer().encode($0, maximumLength: nil).ids }
        return ParameterTable(adapter, on: base.architecture)
    }

    private func adapter(
        from folder: AdapterFolder?,
        base: FrozenModel<AnyArchitecture>,
        _ model: LocatedModel
    ) throws -> AdapterBundle {
        if let folder { return try Session.adapter(folder, for: base) }
        let own = base.architecture.labels
        let labels =
            classes.classes.map { (0..<$0).map { "LABEL_\($0)" } } ?? (own.isEmpty ? ["LABEL_0", "LABEL_1"] : own)
        return try method.freshAdapter(for: base, labels: labels) {
            try model.tokenizer().encode($0, maximumLength: nil).ids
        }
    }
}
