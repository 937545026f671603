public import PEFTModels
import PEFTTensor

/// A prompt's rows.
public struct PromptWeights: AdapterWeights {
    /// P `[virtualTokens, width]`.
    public private(set) var table: Parameter
    /// Which token a classifier's pooler reads.
    public let pooler: Prompt.Pooler

    init(table: Tensor, pooler: Prompt.Pooler) {
        self.table = Parameter(PromptLearning.table, table)
        self.pooler = pooler
    }

    /// Visits P.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        try visit(&table)
    }

    /// P, in front of every text.
    public func virtualTokens(_ context: ForwardContext) -> VirtualTokens? {
        VirtualTokens(rows: context.variable(table), pooled: pooler == .virtualToken)
    }

    /// As many as there are virtual tokens.
    public var reservedPositions: Int { table.value.shape[0] }
}
