public import PEFTModels

/// The biases that are trained.
public struct BitFitWeights: AdapterWeights {
    private var trained: TrainedBiases

    init(_ trained: TrainedBiases) {
        self.trained = trained
    }

    /// Visits the biases in the order of the model.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        try trained.visit(visit)
    }

    /// A trained bias.
    public func parameter(_ path: String) -> Parameter? { trained[path] }
}
