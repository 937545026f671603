public import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit
public import PEFTModels

/// What is learnt of the texts.
struct TaskOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "classification; regression for labels that are numbers; or language-model, to predict the tokens of texts. "
                + "(default: what the adapter or the model's config.json says, else classification)",
            valueName: "task"
        )
    )
    var task: PredictionTask?

    /// The task, known before the data is read.
    ///
    /// - Parameter start: the adapter to go on from, or to use.
    /// - Throws: ``CommandError`` when that is for another one.
    func resolved(from start: AdapterFolder?, model: LocatedModel) throws -> PredictionTask {
        guard let task else { return start?.task ?? Self.stated(by: model) ?? .classification }
        if let own = start?.task, own != task {
            throw CommandError(
                "--task \(task.rawValue) does not fit the adapter \(start?.url.path ?? ""), which was trained for \(own.rawValue)"
            )
        }
        return task
    }

    /// What `config.json` says, and of a GGUF file that it is a language model; nil also when it cannot be read, which opening the model reports.
    static func stated(by model: LocatedModel) -> PredictionTask? {
        guard model.folder.hasDirectoryPath else { return .languageModel }
        let path = model.folder.appending(path: "config.json").path
        guard let json = try? JSONValue(contentsOf: path) else { return nil }
        let configuration = JSONReader(json, source: path)
        let classes = try? configuration["architectures"].ifPresent?.strings()
        if let classes, classes.contains(where: { name in languageModels.contains { name.hasSuffix($0) } }) {
            return .languageModel
        }
        return try? PredictionTask.stated(configuration)
    }

    /// The ends of what `transformers` calls classes of language models.
    private static let languageModels = ["ForCausalLM", "LMHeadModel"]
}

extension PredictionTask: ExpressibleByArgument {}

extension PredictionTask {
    /// Which labels the data may have.
    var labelKind: LabelKind { self == .regression ? .classesOrNumbers : .classes }
}
