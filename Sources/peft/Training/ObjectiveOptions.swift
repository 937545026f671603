import ArgumentParser
import PEFTKit

/// What a run minimises, and how its gradients are computed.
struct ObjectiveOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The part of each label that all classes share. (default: 0.0)", valueName: "e")
    )
    var labelSmoothingFactor: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "What examples of each class count: balanced, or numbers in the order of the labels, as in 1,2.5.",
            valueName: "weights"
        )
    )
    var classWeights: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("NEFTune: the strength of noise on word embeddings, as in 5.", valueName: "a")
    )
    var neftuneNoiseAlpha: Double?

    @Flag(help: "Keep only what enters a block, and compute the rest again: less memory, more time.")
    var gradientCheckpointing = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Remember what leaves the blocks below the adapter, in so much memory, as in 2GB; needs --base-dropout 0.",
            valueName: "size"
        )
    )
    var rememberFrozenBlocks: ByteCount?

    /// What `--class-weights` says.
    private enum Weights {
        case balanced
        case numbers([Double])
    }

    func validate() throws {
        if let smoothing = labelSmoothingFactor, !(smoothing >= 0 && smoothing < 1) {
            throw ValidationError("--label-smoothing-factor must be at least 0 and below 1, not \(smoothing)")
        }
        _ = try weights()
    }

    /// - Throws: `ValidationError` for options that only a classification has.
    func requireNoClasses(for task: PredictionTask) throws {
        let given = [("label-smoothing-factor", labelSmoothingFactor != nil), ("class-weights", classWeights != nil)]
        if let first = given.first(where: \.1) {
            throw ValidationError("--\(first.0) is for classes, not for a \(task.rawValue)")
        }
    }

    /// The arguments with these options.
    func applied(to arguments: TrainingArguments) -> TrainingArguments {
        var arguments = arguments
        arguments.neftuneNoiseAlpha = neftuneNoiseAlpha
        arguments.gradientCheckpointing = gradientCheckpointing
        arguments.rememberedBytes = rememberFrozenBlocks?.bytes
        return arguments
    }

    /// The classification that is learnt.
    ///
    /// - Throws: ``CommandError`` when there are not as many weights as labels, `DatasetError` when balanced weights have
    ///   no example of a label.
    func task<Model>(labels: LabelSet, examples: [ClassificationExample]) throws -> ClassificationTask<Model> {
        ClassificationTask(
            labelSmoothing: labelSmoothingFactor ?? 0,
            classWeights: try classWeights(labels: labels, examples: examples)
        )
    }

    private func classWeights(labels: LabelSet, examples: [ClassificationExample]) throws -> [Double]? {
        switch try weights() {
        case nil: return nil
        case .balanced: return try ClassWeights.balanced(examples.map(\.label), labels: labels.names)
        case .numbers(let numbers):
            guard numbers.count == labels.count else {
                throw CommandError(
                    "--class-weights has \(numbers.count.counted("number")) for \(labels.count.counted("label")); give "
                        + "one for each, in this order: \(labels.names.joined(separator: ", "))"
                )
            }
            return numbers
        }
    }

    private func weights() throws -> Weights? {
        guard let classWeights else { return nil }
        if classWeights == "balanced" { return .balanced }
        let numbers = classWeights.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
        guard numbers.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw ValidationError(
                "--class-weights \"\(classWeights)\" must be balanced, or numbers above 0 separated by commas"
            )
        }
        return .numbers(numbers)
    }
}
