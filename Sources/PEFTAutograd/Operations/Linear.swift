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

    /// dropout(x), or x itself without dropout.
    func input(_ x: Tensor, tape: Tape) -> Tensor {
        guard let dropout else { return x }
        let dropped = tape.allocate(x.shape)
        Kernels.dropout(x, dropout, into: dropped)
        return dropped
    }
}

extension Tape {
    /// y = x Wᵀ + b + Σ sᵢ · Bᵢ Aᵢ dropoutᵢ(x).
    ///
    /// x `[rows, in]`, W `[out, in]`, b `[out]`, y `[rows, out]`. Saved: x where something needs it, and each term's
    /// hidden Aᵢ dropoutᵢ(x) `[rows, r]`; dropped inputs are recomputed. For a frozen W only dx exists. The terms add
    /// into the product and into dx (β = 1) and cost no pass of their own.
    package func linear(
        _ x: Variable,
        weight: Variable,
        bias: Variable? = nil,
        lowRank terms: [LowRankTerm] = []
    ) -> Variable {
        let y = allocate([x.shape[0], weight.shape[0]])
        Kernels.fillRows(of: y, with: bias?.value)
        multiply(x.value.matrix, weight.value.matrix.transposed, into: y.matrix, beta: 1)
        let hidden = terms.map { term in
            let input = term.part(x.value)
            let hidden = allocate([input.shape[0], term.a.shape[0]])
            multiply(term.input(input, tape: self).matrix, term.a.value.matrix.transposed, into: hidden.matrix)
            let part = term.part(y).matrix
            multiply(hidden.matrix, term.b.value.matrix.transposed, into: part, alpha: term.scale, beta: 1)
            return hidden
        }
        let inputs = [x, weight] + (bias.map { [$0] } ?? []) + terms.flatMap { [$0.a, $0.b] }
        let needsInput = weight.isTracked || terms.contains { $0.a.isTracked }
        let savedInput = needsInput ? x.value : nil
        let source = x.target
        let biasTarget = bias?.target
        return record(y, from: inputs) { dy, tape in
            if let biasTarget { tape.accumulateZeroed(into: biasTarget) { Kernels.addColumnSums(of: dy, into: $0) } }
            if let savedInput {
                tape.accumulate(into: weight.target) { dw, beta in
                    multiply(dy.matrix.transposed, savedInput.matrix, into: dw.matrix, beta: beta)
                }
            }
            tape.accumulate(into: source) { dx, beta in
                multiply(dy.matrix, weight.value.matrix, into: dx.matrix, beta: beta)
            }
            for (term, hidden) in zip(terms, hidden) {
                let input = savedInput.map(term.part)
                tape.lowRankBackward(term, hidden: hidden, input: input, source: source, dy: term.part(dy))
            }
        }
    }

    /// With g = s · dy B: dB += s · dyᵀ h, dA += gᵀ dropout(x), dx += dropout(g A).
    private func lowRankBackward(
        _ term: LowRankTerm,
        hidden: Tensor,
        input: Tensor?,
        source: GradientTarget,
        dy: Tensor
    ) {
        accumulate(into: term.b.target) { db, beta in
            multiply(dy.matrix.transposed, hidden.matrix, into: db.matrix, alpha: term.scale, beta: beta)
        }
        guard term.a.isTracked || source.isTracked else { return }
        let g = allocate(hidden.shape)
        multiply(dy.matrix, term.b.value.matrix, into: g.matrix, alpha: term.scale)
        if let input {
            accumulate(into: term.a.target) { da, beta in
                let dropped = term.input(input, tape: self)
                multiply(g.matrix.transposed, dropped.matrix, into: da.matrix, beta: beta)
            }
        }
        // The product with W came before, so that there is always something to add to.
        accumulate(into: source) { dx, beta in
            precondition(beta == 1, "the gradient of the whole product comes first")
            let part = term.part(dx)
            guard let dropout = term.dropout else {
                multiply(g.matrix, term.a.value.matrix, into: part.matrix, beta: 1)
                return
            }
            let scratch = allocate(part.shape)
            multiply(g.matrix, term.a.value.matrix, into: scratch.matrix)
            Kernels.dropout(scratch, dropout, into: part, adding: true)
        }
    }
}
