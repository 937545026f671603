internal import CKernels
import PEFTTensor

extension Tape {
    /// y = f(x Wᵀ + b + Σ sᵢ · Bᵢ Aᵢ dropoutᵢ(x)).
    ///
    /// x `[rows, in]`, W `[out, in]`, b `[out]`, y `[rows, out]`. Saved: x where something needs it, each term's hidden
    /// Aᵢ dropoutᵢ(x) `[rows, r]`, and f′; dropped inputs are recomputed. For a frozen W, which may be encoded, only dx exists.
    /// Bias, terms, dropouts and f are part of the products and cost no pass of their own.
    ///
    /// - Parameter activation: f; nil for none. With it, terms are for all rows.
    package func linear(
        _ x: Variable,
        weight: Variable,
        bias: Variable? = nil,
        lowRank terms: [LowRankTerm] = [],
        activation: Activation? = nil
    ) -> Variable {
        precondition(activation == nil || terms.allSatisfy { $0.rows == nil }, "an activation waits for all terms")
        let inputs = [x, weight] + (bias.map { [$0] } ?? []) + terms.flatMap { [$0.a, $0.b] }
        let y = allocate([x.shape[0], weight.shape[0]])
        let derivative = activation != nil && inputs.contains { $0.isTracked } ? allocate(y.shape) : nil
        let hidden = HiddenProducts(terms, of: x.value, self)
        var fusion = ProductFusion(bias: bias?.value.pointer)
        fusion.activation = activation?.kernel
        fusion.derivative = derivative?.mutablePointer
        // The small terms first, for the rounding and for f, which comes last; terms for some of the rows need something to
        // add to.
        let termsFirst = terms.allSatisfy { $0.rows == nil } && !terms.isEmpty
        if termsFirst { hidden.addUp(into: y, self) }
        let product = WeightProduct(weight)
        product.forward(x.value, into: y, beta: termsFirst ? 1 : 0, fusing: fusion, team: team)
        withExtendedLifetime(bias) {}
        if !termsFirst { hidden.addEach(into: y) }
        let needsInput = weight.isTracked || terms.contains { $0.a.isTracked }
        let savedInput = needsInput ? x.value : nil
        let source = x.target
        let biasTarget = bias?.target
        return record(y, from: inputs) { gradient, tape in
            let dy = derivative.map { tape.product(consume gradient, inPlaceOf: $0) } ?? gradient
            if let biasTarget { tape.accumulateZeroed(into: biasTarget) { Kernels.addColumnSums(of: dy, into: $0) } }
            if let savedInput {
                tape.accumulate(into: weight.target) { dw, beta in
                    multiply(dy.matrix.transposed, savedInput.matrix, into: dw.matrix, beta: beta)
                }
            }
            tape.accumulate(into: source) { dx, beta in product.backward(dy, into: dx, beta: beta) }
            for (index, term) in terms.enumerated() {
                let input = savedInput.map(term.part)
                tape.lowRankBackward(term, hidden: hidden[index], input: input, source: source, dy: term.part(dy))
            }
            withExtendedLifetime(hidden) {}
        }
    }

    /// With g = s · dy B: dB += s · dyᵀ h, dA += gᵀ dropout(x), dx += dropout(g A).
    private func lowRankBackward(
        _ term: LowRankTerm,
        hidden: MatrixView,
        input: Tensor?,
        source: GradientTarget,
        dy: Tensor
    ) {
        accumulate(into: term.b.target) { db, beta in
            multiply(dy.matrix.transposed, hidden, into: db.matrix, alpha: term.scale, beta: beta)
        }
        guard term.a.isTracked || source.isTracked else { return }
        let g = allocate([hidden.rows, hidden.columns])
        multiply(dy.matrix, term.b.value.matrix, into: g.matrix, alpha: term.scale)
        withKernelDropout(term.dropout) { mask in
            if let input {
                var fusion = ProductFusion()
                fusion.rightDropout = mask
                accumulate(into: term.a.target) { da, beta in
                    multiply(g.matrix.transposed, input.matrix, into: da.matrix, beta: beta, fusing: fusion)
                }
            }
            var fusion = ProductFusion()
            fusion.productDropout = mask
            accumulate(into: source) { dx, beta in
                // The product with W came before, so that there is always something to add to.
                precondition(beta == 1, "the gradient of the whole product comes first")
                multiply(g.matrix, term.a.value.matrix, into: term.part(dx).matrix, beta: 1, fusing: fusion)
            }
        }
    }
}
