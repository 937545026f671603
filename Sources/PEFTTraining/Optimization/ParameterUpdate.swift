import PEFTModels
import PEFTTensor

/// One parameter's update, moved to where a worker can do it: a copy elsewhere would make it copy all memory.
///
/// Invariant for `@unchecked Sendable`: one worker at most runs it, and nobody looks at it until all have ended.
final class ParameterUpdate<Rule: Optimizer>: @unchecked Sendable {
    private var parameter: Parameter
    private var state: Rule.State
    private let gradient: Tensor?
    private let rule: Rule
    private let learningRate: Double

    /// Takes the parameter's value and state away; ``moveBack(to:_:)`` returns them.
    init(
        moving parameter: inout Parameter,
        _ state: inout Rule.State,
        _ gradient: Tensor?,
        _ rule: Rule,
        _ learningRate: Double
    ) {
        let stand = Parameter(parameter.path, .zeros([0]))
        (self.gradient, self.rule, self.learningRate) = (gradient, rule, learningRate)
        self.state = rule.makeState(for: stand)
        self.parameter = stand
        swap(&self.parameter, &parameter)
        swap(&self.state, &state)
    }

    var count: Int { gradient?.count ?? 0 }

    func run() {
        guard let gradient else { return }
        rule.update(&parameter, gradient: gradient, state: &state, learningRate: learningRate)
    }

    func moveBack(to parameter: inout Parameter, _ state: inout Rule.State) {
        swap(&self.parameter, &parameter)
        swap(&self.state, &state)
    }
}
