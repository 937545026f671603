internal import CKernels
import PEFTTensor

/// A low-rank term of a linear map: s · B A dropout(x) with A `[r, in]` and B `[out, r]`, for some of the rows of x.
package struct LowRankTerm {
    package let a: Variable
    package let b: Variable
    package let scale: Float
    package let dropout: Dropout?
    /// The rows of x that the term is for, to which its dropout belongs; nil for all of them.
    package let rows: Range<Int>?

    package init(a: Variable, b: Variable, scale: Float, dropout: Dropout?, rows: Range<Int>? = nil) {
        self.a = a
        self.b = b
        self.scale = scale
        self.dropout = dropout.flatMap { $0.rate > 0 ? $0 : nil }
        self.rows = rows
    }

    /// The rows of a matrix that the term is for.
    func part(_ matrix: Tensor) -> Tensor { rows.map(matrix.rows) ?? matrix }
}

/// What low-rank terms make of an input in between: hᵢ = Aᵢ dropoutᵢ(x), `[rows, rᵢ]`.
///
/// Terms for all rows lie side by side in one matrix, so that one product adds all of them up.
struct HiddenProducts {
    private let terms: [LowRankTerm]
    private let tensors: [Tensor]
    private let views: [MatrixView]

    init(_ terms: [LowRankTerm], of x: Tensor, _ tape: Tape) {
        self.terms = terms
        let ranks = terms.map { $0.a.shape[0] }
        if !terms.isEmpty, terms.allSatisfy({ $0.rows == nil }) {
            let joint = tape.allocate([x.shape[0], ranks.reduce(0, +)])
            tensors = [joint]
            var column = 0
            views = ranks.map { rank in
                defer { column += rank }
                return joint.columns(column..<(column + rank))
            }
        } else {
            tensors = zip(terms, ranks).map { tape.allocate([$0.part(x).shape[0], $1]) }
            views = tensors.map(\.matrix)
        }
        for (term, hidden) in zip(terms, views) {
            withKernelDropout(term.dropout) { mask in
                var fusion = ProductFusion()
                fusion.leftDropout = mask
                multiply(term.part(x).matrix, transposing: term.a.value, into: hidden, fusing: fusion, team: tape.team)
            }
        }
    }

    /// hᵢ; valid while this value is alive.
    subscript(index: Int) -> MatrixView { views[index] }

    /// y = Σ sᵢ · Bᵢ hᵢ, for terms that are for all rows.
    func addUp(into y: Tensor, _ tape: Tape) {
        guard let first = terms.first else { return }
        guard terms.count > 1 else {
            return multiply(
                views[0],
                transposing: first.b.value,
                into: y.matrix,
                alpha: first.scale,
                team: tape.team
            )
        }
        // s · [s₁/s B₁, s₂/s B₂, …] with s = s₁, unless that is nothing to divide by.
        let scale = first.scale == 0 ? 1 : first.scale
        let up = tape.allocate([y.shape[1], tensors[0].shape[1]])
        var column = 0
        for term in terms {
            let (rows, rank) = (term.b.shape[0], term.b.shape[1])
            let (from, to) = (term.b.value.pointer, up.columns(column..<(column + rank)))
            let factor = term.scale / scale
            for row in 0..<rows {
                for index in 0..<rank { to.base[row * to.stride + index] = factor * from[row * rank + index] }
            }
            column += rank
        }
        multiply(tensors[0].matrix, up.matrix.transposed, into: y.matrix, alpha: scale)
        withExtendedLifetime(up) {}
    }

    /// y += sᵢ · Bᵢ hᵢ, each for its own rows.
    func addEach(into y: Tensor) {
        for (term, hidden) in zip(terms, views) {
            let up = term.b.value.matrix.transposed
            multiply(hidden, up, into: term.part(y).matrix, alpha: term.scale, beta: 1)
        }
    }
}

extension Tensor {
    /// Some columns of this matrix; valid while the tensor is alive.
    fileprivate func columns(_ range: Range<Int>) -> MatrixView {
        MatrixView(pointer + range.lowerBound, rows: shape[0], columns: range.count, stride: shape[1])
    }
}
