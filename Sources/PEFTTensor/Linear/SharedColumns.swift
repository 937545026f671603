internal import CKernels

/// The columns of a product, divided among the threads of a team.
struct SharedColumns {
    private let team: ThreadTeam
    private let columns: Int
    private let pieces: Int

    /// Nil where there is no team, and for what is not worth sharing.
    init?(of c: MatrixView, weight: Tensor, _ fusion: ProductFusion, _ team: ThreadTeam?) {
        let pieces = min(c.rows * weight.count / Self.piece, c.columns.quotient(roundedUpBy: Self.unit))
        guard let team, team.count > 1, pieces > 1, fusion.rightDropout.rowKeys == nil,
            fusion.productDropout.rowKeys == nil
        else { return nil }
        self.team = team
        self.columns = c.columns
        // A few for each thread, so that one that is held up holds up little.
        self.pieces = min(pieces, 2 * team.count)
    }

    /// Calls `body` with the columns of every piece.
    func forEach(_ body: (Range<Int>) -> Void) {
        let units = columns.quotient(roundedUpBy: Self.unit)
        team.run(pieces: pieces) { index in
            let first = units * index / pieces * Self.unit
            body(first..<min(units * (index + 1) / pieces * Self.unit, columns))
        }
    }

    /// So many multiply-adds take longer than waking a thread that fell asleep.
    private static let piece = 1 << 15
    /// Columns are shared by so many, the width of a tile of our own products.
    private static let unit = 48
}

extension Int {
    fileprivate func quotient(roundedUpBy divisor: Int) -> Int { (self + divisor - 1) / divisor }
}
