public import PEFTAutograd

/// The states of a batch's tokens between two blocks of a model.
public struct HiddenRows {
    /// `[rows, width]`.
    public let states: Variable
    /// Which tokens the rows are.
    public let rows: TokenRows
    /// For each sequence the index in it of the row that a pooler reads.
    public let pooled: [Int]

    /// The states of some tokens.
    public init(states: Variable, rows: TokenRows, pooled: [Int]) {
        self.states = states
        self.rows = rows
        self.pooled = pooled
    }
}
