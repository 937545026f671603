public import PEFTModels
public import PEFTTensor

/// An update rule: how a parameter moves along its gradient.
///
/// A value of this type is only the recipe (which rule, with which settings) and does not change during a run; what the
/// rule remembers of a parameter is a value of ``State``. The encoded recipe is stored with every checkpoint and tells
/// whether a resumed run goes on with the same rule.
///
/// An optimizer of your own conforms to this protocol and goes into ``TrainingArguments/optimizer``.
public protocol Optimizer: Codable, Sendable {
    /// What the rule remembers of one parameter.
    associatedtype State: OptimizerState

    /// The name on the command line and in files, for instance `adamw`.
    static var name: String { get }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for the first setting that makes no sense.
    func validate() throws

    /// What is remembered of `parameter` before its first step.
    func makeState(for parameter: Parameter) -> State

    /// One step of one parameter, in place.
    ///
    /// - Parameters:
    ///   - gradient: of the parameter's shape.
    ///   - state: what ``makeState(for:)`` made for this parameter, and earlier steps changed. The rule counts the step.
    ///   - learningRate: η of this parameter in this step.
    func update(_ parameter: inout Parameter, gradient: Tensor, state: inout State, learningRate: Double)
}

/// What an optimizer remembers of one parameter from step to step.
public protocol OptimizerState: Sendable {
    /// The number of steps in which the parameter got a gradient.
    var steps: Int { get set }

    /// Visits all tensors, always in the same order and under the same names; `visit` may replace their values.
    ///
    /// They and ``steps`` are the whole state: a checkpoint holds nothing else.
    mutating func visitTensors(_ visit: (_ name: String, _ value: inout Tensor) throws -> Void) rethrows
}
