import PEFTModels
import PEFTTensor
import Synchronization

/// The norms of the rows of W + s · B A, without ever forming that sum.
///
/// For row w of W and b of B: ‖w + s · bA‖² = ‖w‖² + 2 s · b (A w) + s² · b (A Aᵀ) bᵀ. Nothing larger than
/// `[outputs, rank]` is needed.
enum RowNorms {
    /// ‖w‖² of every row.
    static func squares(of weight: Tensor) -> [Double] {
        var squares: [Double] = []
        weight.forEachTile { _, tile in
            squares += (0..<tile.rows).map { Kernels.sumOfSquares(tile.base + $0 * tile.stride, count: tile.columns) }
        }
        return squares
    }

    /// ‖w + s · bA‖ of every row: `[outputs]`.
    ///
    /// - Parameter squares: those of `weight`.
    static func norms(of weight: Tensor, squares: [Double], _ delta: LowRankDelta) -> Tensor {
        let (down, up) = (delta.down.value, delta.up.value)
        let (outputs, rank, scale) = (up.shape[0], up.shape[1], Double(delta.scale))
        let projected = Tensor(uninitialized: [outputs, rank])
        weight.forEachTile { rows, tile in
            multiply(tile, down.matrix.transposed, into: projected.rows(rows).matrix)
        }
        let gram = Tensor(uninitialized: [rank, rank])
        multiply(down.matrix, down.matrix.transposed, into: gram.matrix)
        let combined = Tensor(uninitialized: [outputs, rank])
        multiply(up.matrix, gram.matrix, into: combined.matrix)
        let (b, aw, bg) = (up.elements, projected.elements, combined.elements)
        let norms = squares.enumerated().map { row, square in
            var (linear, quadratic) = (0.0, 0.0)
            for index in (row * rank)..<((row + 1) * rank) {
                linear += Double(b[index]) * Double(aw[index])
                quadratic += Double(b[index]) * Double(bg[index])
            }
            // Below zero only by rounding.
            return Float(max(0, square + 2 * scale * linear + scale * scale * quadratic).squareRoot())
        }
        return Tensor([outputs], norms)
    }

    /// The norms as divisors: a row of zeros has no direction, and is divided by 1 to stay zeros.
    static func divisors(_ norms: Tensor) -> Tensor {
        Tensor(norms.shape, norms.elements.map { $0 == 0 ? 1 : $0 })
    }
}

/// The norms of one module's rows for one value of its A and B, computed when they are first asked for.
final class RowNormCache: Sendable {
    /// What was computed for one weight. Keeping the weight keeps its memory from being changed or used for another, so
    /// that its address says whether it is the same.
    private struct State {
        let weight: Tensor
        let squares: [Double]
        var norms: Tensor?
    }

    private let state: Mutex<State?>

    init() {
        state = Mutex(nil)
    }

    private init(_ start: State?) {
        state = Mutex(start)
    }

    /// ‖w + s · bA‖ of every row of `weight`.
    ///
    /// - Parameter delta: always of the same A, B and s.
    func norms(of weight: Tensor, _ delta: LowRankDelta) -> Tensor {
        state.withLock { state in
            let known = state.flatMap { $0.weight.address == weight.address ? $0 : nil }
            if let norms = known?.norms { return norms }
            let squares = known?.squares ?? RowNorms.squares(of: weight)
            let norms = RowNorms.norms(of: weight, squares: squares, delta)
            state = State(weight: weight, squares: squares, norms: norms)
            return norms
        }
    }

    /// A cache for another A and B, which keeps what depends on the weight alone.
    func renewed() -> RowNormCache {
        RowNormCache(state.withLock { $0.map { State(weight: $0.weight, squares: $0.squares, norms: nil) } })
    }
}
