import PEFTTensor

extension Tape {
    /// Turns the heads of each row by the angles of its position (Su et al. 2021).
    ///
    /// x and y `[rows, heads · d]`; with cosines c and sines s of a row's position and a head's halves a and b,
    /// y = (a c − b s, b c + a s), which `transformers` writes as x · cos + rotate_half(x) · sin. The gradient is turned
    /// back. Nothing is saved, and y takes the place of x when nobody else looks at x.
    ///
    /// - Parameter positions: the position of each row in its text.
    package func rotary(_ x: consuming Variable, positions: [Int32], table: RotaryTable) -> Variable {
        let source = x.target
        precondition(
            source.shape[0] == positions.count && source.shape[1] % table.headWidth == 0,
            "\(positions.count) positions and heads of \(table.headWidth) columns do not fit \(source.shape)"
        )
        precondition(
            positions.allSatisfy { $0 >= 0 && Int($0) < table.positions },
            "every position is one of the table's \(table.positions)"
        )
        let y = x.takingValue().uniquelyOwned(pool: pool)
        Kernels.rotary(y, positions: positions, table: table.values)
        return record(y, from: [Variable(y, node: source.node)]) { gradient, tape in
            let dx = (consume gradient).uniquelyOwned(pool: tape.pool)
            Kernels.rotary(dx, positions: positions, table: table.values, isBack: true)
            tape.accumulate(dx, into: source)
        }
    }
}
