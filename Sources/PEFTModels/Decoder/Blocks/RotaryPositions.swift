import PEFTAutograd
import Synchronization

/// The rotations of a model's positions (Su et al. 2021), computed as far as they have been needed.
final class RotaryPositions: Sendable {
    /// The angle between two neighbouring positions, for each pair of features.
    let inverseFrequencies: [Float]
    private let state = Mutex<RotaryTable?>(nil)

    init(inverseFrequencies: [Float]) {
        self.inverseFrequencies = inverseFrequencies
    }

    /// A table that has all of some positions.
    func table(for positions: [Int32]) -> RotaryTable {
        let needed = Int(positions.max() ?? 0) + 1
        return state.withLock { state in
            if let table = state, table.positions >= needed { return table }
            let count = max(needed, 2 * (state?.positions ?? 128))
            let table = RotaryTable(inverseFrequencies: inverseFrequencies, attentionFactor: 1, positions: count)
            state = table
            return table
        }
    }
}
