package import PEFTFormats

extension TrainingHistory {
    private static let version = 1

    /// The history as `history.json` has it: the same run writes the same bytes.
    ///
    /// - Parameter ending: nil while the run goes on.
    package func json(ending: TrainingRun.Ending?) -> JSONValue {
        [
            "version": JSONValue(Self.version),
            "steps": .array(
                steps.map { step in
                    [
                        "step": JSONValue(step.step),
                        "epoch": JSONValue(step.epoch),
                        "loss": JSONValue(step.loss),
                        "learning_rate": JSONValue(step.learningRate),
                        "gradient_norm": JSONValue(step.gradientNorm),
                        "tokens": JSONValue(step.tokens),
                        "examples": JSONValue(step.examples),
                    ]
                }
            ),
            "evaluations": .array(evaluations.map(Self.json)),
            "best": best.map { best in
                ["step": JSONValue(best.step), "metric": .string(best.metric), "value": JSONValue(best.value)]
            } ?? .null,
            "stopped": ending.map { .string($0.rawValue) } ?? .null,
        ]
    }

    private static func json(_ evaluation: Evaluation) -> JSONValue {
        [
            "step": JSONValue(evaluation.step),
            "epoch": JSONValue(evaluation.epoch),
            "loss": JSONValue(evaluation.loss),
            "metrics": .object(JSONObject(evaluation.metrics.map { ($0.name, JSONValue($0.value)) })),
            "lower_is_better": .array(evaluation.metrics.filter { !$0.higherIsBetter }.map { .string($0.name) }),
        ]
    }

    /// The history that ``json`` described.
    ///
    /// - Throws: `JSONError` for anything else.
    package init(_ json: JSONReader) throws {
        self.init()
        let version = try json["version"].int()
        guard version == Self.version else {
            throw try json["version"].error(expected: "\(Self.version), the only version known here")
        }
        for element in try json["steps"].elements() {
            let step = try Step(element)
            if let last = steps.last, step.step <= last.step {
                throw try element["step"].error(expected: "a step after \(last.step)")
            }
            steps.append(step)
        }
        evaluations = try json["evaluations"].elements().map { evaluation in
            let lower = try evaluation["lower_is_better"].ifPresent?.strings() ?? []
            return Evaluation(
                step: try evaluation["step"].int(in: 0 ... .max),
                epoch: try evaluation["epoch"].double(),
                loss: try evaluation["loss"].number(),
                metrics: try evaluation["metrics"].members().map { member in
                    EvaluationReport.MetricValue(
                        name: member.key,
                        value: try member.value.number(),
                        higherIsBetter: !lower.contains(member.key)
                    )
                }
            )
        }
        best = try json["best"].ifPresent.map { best in
            Best(
                step: try best["step"].int(in: 0 ... .max),
                metric: try best["metric"].string(),
                value: try best["value"].double()
            )
        }
    }
}

extension TrainingHistory.Step {
    fileprivate init(_ json: JSONReader) throws {
        self.init(
            step: try json["step"].positiveInt(),
            epoch: try json["epoch"].double(),
            loss: try json["loss"].number(),
            learningRate: try json["learning_rate"].number(),
            gradientNorm: try json["gradient_norm"].number(),
            tokens: try json["tokens"].int(in: 0 ... .max),
            examples: try json["examples"].int(in: 0 ... .max)
        )
    }
}

extension JSONReader {
    /// A number; what JSON cannot hold was written as null.
    fileprivate func number() throws -> Double {
        if case .null = value { return .nan }
        return try double()
    }
}
