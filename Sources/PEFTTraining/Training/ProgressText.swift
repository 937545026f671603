import Foundation
import PEFTMethods

/// What a run's events look like.
enum ProgressText {
    /// What is going to happen, in two lines.
    static func describe(_ plan: TrainingPlan) -> String {
        let total = plan.trainableParameters + plan.frozenParameters
        let share = 100 * Double(plan.trainableParameters) / Double(max(1, total))
        var work = [plan.examples.counted("example"), plan.epochs.counted("epoch"), plan.steps.counted("step")]
        if let blocks = plan.rememberedBlocks { work.append("remembering \(blocks.counted("frozen block"))") }
        if plan.stepsDone > 0 { work.append("going on after step \(plan.stepsDone.grouped)") }
        return "training \(plan.trainableParameters.grouped) of \(total.grouped) parameters (\(share.fixed(2)) %)\n"
            + work.joined(separator: ", ")
    }

    /// An epoch that is done.
    static func describe(_ epoch: EpochReport) -> String {
        var parts = ["epoch \(epoch.epoch): loss \(epoch.loss.fixed(4))"]
        if let report = epoch.validation { parts += describe(report) }
        if let remembered = epoch.remembered {
            let size = (Double(remembered.bytes) / 1e6).fixed(1)
            parts.append("remembering \(remembered.texts.counted("text")) in \(size) MB")
        }
        return (parts + [epoch.elapsed.clockTime]).joined(separator: ", ")
    }

    /// An evaluation between the ends of epochs.
    static func describe(_ evaluation: EvaluationEvent) -> String {
        "step \(evaluation.step.grouped): "
            + (describe(evaluation.report) + [evaluation.elapsed.clockTime]).joined(separator: ", ")
    }

    private static func describe(_ report: EvaluationReport) -> [String] {
        ["validation loss \(report.loss.fixed(4))"] + report.metrics.map { "\($0.name) \($0.value.fixed(4))" }
    }

    /// A step, for a file or a pipe.
    static func line(_ step: StepReport) -> String {
        let elapsed = (text: "elapsed \(step.elapsed.clockTime)", weight: 0)
        return ProgressBar(share: share(step), fields: fields(step) + [elapsed]).line
    }

    /// A step behind a bar, in fewer than `columns` characters.
    ///
    /// Where it is narrow the bar goes first, then the learning rate, the speed, and so on.
    static func bar(_ step: StepReport, columns: Int, isUnicode: Bool) -> String {
        ProgressBar(share: share(step), fields: fields(step)).bar(columns: columns, isUnicode: isUnicode)
    }

    private static func share(_ step: StepReport) -> Double { Double(step.step) / Double(max(1, step.steps)) }

    /// The parts of a line in their order; the lighter ones are left out first.
    private static func fields(_ step: StepReport) -> [(text: String, weight: Int)] {
        // As wide in the first step as in the last, so that what follows stays in its place.
        let missing = max(0, "\(step.steps)".count - "\(step.step)".count)
        let number = String(repeating: " ", count: missing) + "\(step.step)"
        return [
            ("step \(number)/\(step.steps)", 4),
            ("loss \(step.loss.fixed(4))", 3),
            ("lr \(step.learningRate.scientific)", 0),
            ("\(step.tokensPerSecond.grouped) tokens/s", 1),
            ("ETA \(step.remaining.clockTime)", 2),
        ]
    }
}

extension Int {
    /// "1 step", "2,000 steps"
    fileprivate func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}

extension Double {
    func fixed(_ places: Int) -> String { String(format: "%.\(places)f", self) }

    /// 12,345
    fileprivate var grouped: String { isFinite && magnitude < 1e15 ? Int(self).grouped : "?" }

    /// 5.00e-04
    var scientific: String { String(format: "%.2e", self) }

    /// 02:03 or 1:02:03
    package var clockTime: String {
        guard isFinite, magnitude < 1e9 else { return "?" }
        let seconds = Int(rounded())
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let tail = String(format: "%02d:%02d", minutes, seconds % 60)
        return hours > 0 ? "\(hours):\(tail)" : tail
    }
}
