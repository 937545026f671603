import PEFTModels

/// Biases that are trained in place of the base's own, each under the base's path.
struct TrainedBiases: Sendable {
    /// The biases, in the order in which the model visits them.
    private(set) var parameters: [Parameter]
    private let indices: [String: Int]

    /// No bias is trained, unless some are given.
    init(_ parameters: [Parameter] = []) {
        self.parameters = parameters
        indices = Dictionary(parameters.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The bias of that path; nil when it is not trained.
    subscript(path: String) -> Parameter? { indices[path].map { parameters[$0] } }

    mutating func visit(_ body: (inout Parameter) throws -> Void) rethrows {
        for index in parameters.indices { try body(&parameters[index]) }
    }
}

/// The biases of a base, as they are before training.
struct BaseBiases {
    /// Every tensor whose path ends in `.bias`: those of linear maps and of norms.
    let all: [Parameter]
    /// Those of modules that are trained and saved as a whole, such as the task's head.
    let ofWholeModules: [Parameter]
    /// All others.
    let others: [Parameter]

    init(of model: some AdaptableModel, savedModules: [String]) {
        let whole = model.headModules + model.freshModules + savedModules
        all = model.parameters.filter { $0.path.hasSuffix(".bias") }
        ofWholeModules = all.filter { bias in whole.contains { bias.path.isWithin($0) } }
        others = all.filter { bias in !whole.contains { bias.path.isWithin($0) } }
    }
}
