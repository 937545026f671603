import Foundation
import PEFTKit

/// Which classes a run has, in which order, and which of them a label of the data means.
enum ClassLabels {
    /// The names of the head's outputs: those of the classes, or that of a regression's only one, as `transformers` has it.
    static func forTraining(
        _ task: PredictionTask,
        on texts: TextDataset,
        from adapter: AdapterFolder?,
        base: FrozenModel<AnyArchitecture>
    ) throws -> [String] {
        guard task == .regression else { return try forTraining(on: texts, from: adapter, base: base).names }
        if let own = adapter?.labels { return own }
        let ofCheckpoint = base.architecture.configuredLabels
        return ofCheckpoint.count == 1 ? ofCheckpoint : ["LABEL_0"]
    }

    /// The classes to train: the adapter's own when it names them; else the checkpoint's when they cover the data; else
    /// those of the data.
    ///
    /// - Throws: ``CommandError`` when all texts have the same label, and what reading labels throws.
    private static func forTraining(
        on texts: TextDataset,
        from adapter: AdapterFolder?,
        base: FrozenModel<AnyArchitecture>
    ) throws -> LabelSet {
        let present = try texts.labels()
        guard present.count > 1 else {
            throw CommandError(
                "all \(texts.count) training texts have the label '\(present[0])'; training needs at least two labels: "
                    + "add texts of another one, check --label-column, or raise --limit if the file is sorted by label"
            )
        }
        if let adapter { return try LabelSet(adapter.labels ?? names(for: adapter, texts: texts, base: base)) }
        let ofCheckpoint = base.architecture.labels
        return !ofCheckpoint.isEmpty && present.allSatisfy(ofCheckpoint.contains) ? try LabelSet(ofCheckpoint) : present
    }

    /// The names of an adapter's classes when it does not know them, as those that Python wrote: the checkpoint's when
    /// they cover the data; else the numbers of the classes when the data uses those; else the data's own, in order.
    static func names(
        for adapter: AdapterFolder,
        texts: TextDataset,
        base: FrozenModel<AnyArchitecture>
    ) throws -> [String] {
        let present = try texts.labels()
        // Without names this gives those of the checkpoint, or LABEL_0 and so on, one for each class of the head.
        let standard = try adapter.adapter(for: base).labels
        if present.allSatisfy(standard.contains) { return standard }
        let numbers = standard.indices.map(String.init)
        if present.allSatisfy(numbers.contains) { return numbers }
        if present.count == standard.count {
            Output.warn(
                "\(adapter.url.path) does not name its classes; taking them in this order: "
                    + present.joined(separator: ", ")
            )
        }
        return present.names
    }

    /// What labels of the data mean for a classifier whose classes are `labels`: their names, or, for those of a
    /// checkpoint, also their numbers as in `id2label`.
    static func forEvaluation(of texts: TextDataset, labels: [String], areCheckpoints: Bool) throws -> LabelSet {
        guard areCheckpoints else { return try LabelSet(labels) }
        let present = try texts.labels()
        let numbers = labels.indices.map(String.init)
        let useNumbers = present.allSatisfy(numbers.contains) && !present.allSatisfy(labels.contains)
        return try LabelSet(useNumbers ? numbers : labels)
    }
}
