import PEFTFormats
import PEFTTraining

/// What is said of a run in several places.
struct RunFacts {
    let record: RunRecord

    init(_ record: RunRecord) { self.record = record }

    /// "250 steps in 2 epochs"
    var length: String {
        guard let last = record.history.steps.last else { return "no steps" }
        let steps = last.step == 1 ? "1 step" : "\(NumberText.count(last.step)) steps"
        let epochs = NumberText.value(last.epoch)
        return "\(steps) in \(epochs) \(epochs == "1" ? "epoch" : "epochs")"
    }

    /// Why the run ended, as a sentence's end.
    var end: String {
        switch record.ending {
        case .finished: "finished"
        case .stoppedEarly: "stopped early, as evaluations got no better"
        case .requested: "stopped on request"
        }
    }

    /// The metric that says most about the last evaluation: its first, else its loss.
    var finalResult: EvaluationReport.MetricValue? {
        if let evaluation = record.evaluation {
            return evaluation.metrics.first ?? EvaluationReport.MetricValue(name: "loss", value: evaluation.loss)
        }
        guard let evaluation = record.history.evaluations.last else { return nil }
        return evaluation.metrics.first ?? EvaluationReport.MetricValue(name: "loss", value: evaluation.loss)
    }

    /// The mean loss of the last twentieth of the steps; NaN without steps.
    var finalTrainingLoss: Double {
        let steps = record.history.steps
        let losses = steps.suffix(max(1, steps.count / 20)).map(\.loss)
        return losses.reduce(0, +) / Double(losses.count)
    }

    /// Tokens per second at the end, which is the mean over the last session; nil where no log says it.
    var pace: Int? {
        record.timing?.paces.last.flatMap { pace in
            (0..<1e15).contains(pace.tokensPerSecond) ? Int(pace.tokensPerSecond.rounded()) : nil
        }
    }
}
