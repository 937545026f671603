import CKernels
import PEFTTensor
import Testing

@Suite("Layer norm kernels")
struct NormKernelTests {
    private struct Problem {
        let rows: Int
        let width: Int
        let x: [Float]
        let residual: [Float]?
        let dropout: DropoutTwin?
        let gamma: [Float]
        let beta: [Float]

        init(rows: Int, width: Int, hasResidual: Bool, hasDropout: Bool) {
            (self.rows, self.width) = (rows, width)
            x = Samples("x").normal(rows * width, mean: 0.3)
            residual = hasResidual ? Samples("residual").normal(rows * width) : nil
            dropout = hasDropout ? DropoutTwin(rate: 0.2, rowKeys: Samples("keys").keys(rows), siteKey: 3) : nil
            gamma = Samples("gamma").normal(width, mean: 1, deviation: 0.3)
            beta = Samples("beta").normal(width)
        }

        /// dropout(x) + residual
        var h: [Double] {
            let multipliers = dropout.multipliers(rows: rows, width: width)
            let added = residual?.doubles ?? Array(repeating: 0, count: x.count)
            return x.indices.map { Double(x[$0]) * multipliers[$0] + added[$0] }
        }

        var twin: NormTwin { NormTwin(width: width, gamma: gamma.doubles, beta: beta.doubles, epsilon: 1e-5) }
    }

    /// Problems of all widths, with and without residual and dropout.
    private func forEachProblem(_ body: (Problem, String) -> Void) {
        for rows in [0, 1, 4] {
            for width in oddSizes where width > 0 {
                for (hasResidual, hasDropout) in [(false, false), (true, false), (false, true), (true, true)] {
                    body(
                        Problem(rows: rows, width: width, hasResidual: hasResidual, hasDropout: hasDropout),
                        "\(rows) × \(width), residual \(hasResidual), dropout \(hasDropout)"
                    )
                }
            }
        }
    }

    @Test("dropout, residual and norm are what they are one by one", arguments: KernelVariant.supported)
    func forward(_ variant: KernelVariant) {
        forEachProblem { problem, context in
            let (rows, width) = (problem.rows, problem.width)
            let expected = problem.twin(problem.h)
            let x = GuardedFloats(problem.x, misalignment: 1)
            let residual = problem.residual.map { GuardedFloats($0, misalignment: 2) }
            let (gamma, beta) = (GuardedFloats(problem.gamma, misalignment: 3), GuardedFloats(problem.beta))
            let (y, hats) = (GuardedFloats(count: rows * width, misalignment: 1), GuardedFloats(count: rows * width))
            let inverse = GuardedFloats(count: rows)
            let forgetful = GuardedFloats(count: rows * width, misalignment: 2)
            variant.run {
                problem.dropout.withKernel { mask in
                    for (y, hats, inverse) in [(y, hats, inverse), (forgetful, nil, nil)] as [Outputs] {
                        peft_residual_norm(
                            y.pointer,
                            hats?.pointer,
                            inverse?.pointer,
                            x.pointer,
                            residual?.pointer,
                            mask,
                            gamma.pointer,
                            beta.pointer,
                            1e-5,
                            rows,
                            width
                        )
                    }
                }
            }
            // Rows of one element are 0 with 1/√ε = 316 as the inverse deviation.
            expectAgreement(hats.elements, expected.normalized, relative: 1e-6, absolute: 1e-6, context)
            expectAgreement(y.elements, expected.y, relative: 1e-6, absolute: 1e-6, context)
            expectAgreement(inverse.elements, expected.inverseDeviation, relative: 1e-6, context)
            expectSameBits(forgetful.elements, y.elements, "\(context), saving nothing")
            for floats in [x, gamma, beta, y, hats, inverse, forgetful] { #expect(floats.isIntact) }
        }
    }

    private typealias Outputs = (GuardedFloats, GuardedFloats?, GuardedFloats?)

    @Test("the gradients of input and residual are the Jacobian's", arguments: KernelVariant.supported)
    func backward(_ variant: KernelVariant) {
        forEachProblem { problem, context in
            guard problem.width < 1000 || problem.dropout == nil else { return }
            let (rows, width) = (problem.rows, problem.width)
            let output = problem.twin(problem.h)
            let dy = Samples("dy").normal(rows * width)
            let expected = problem.twin.gradient(dy.doubles, at: output)
            let multipliers = problem.dropout.multipliers(rows: rows, width: width)
            let (dh, dx) = (GuardedFloats(count: rows * width, misalignment: 1), GuardedFloats(count: rows * width))
            let alone = GuardedFloats(count: rows * width, misalignment: 3)
            let source = GuardedFloats(dy, misalignment: 2)
            let gamma = GuardedFloats(problem.gamma, misalignment: 1)
            let hats = GuardedFloats(output.normalized.map(Float.init), misalignment: 1)
            let inverse = output.inverseDeviation.map(Float.init)
            variant.run {
                problem.dropout.withKernel { mask in
                    for (dh, dx) in [(dh, dx), (alone, nil)] as [(GuardedFloats, GuardedFloats?)] {
                        peft_residual_norm_backward(
                            dh.pointer,
                            dx?.pointer,
                            source.pointer,
                            hats.pointer,
                            inverse,
                            gamma.pointer,
                            mask,
                            rows,
                            width
                        )
                    }
                }
            }
            func bound(_ at: Int) -> Double { 2e-6 * (output.inverseDeviation[at / width] + abs(expected[at])) }
            expectAgreement(dh.elements, expected, context, within: bound)
            expectAgreement(dx.elements, zip(expected, multipliers).map(*), context) { 1.25 * bound($0) }
            expectSameBits(alone.elements, dh.elements, "\(context), without dx")
            for floats in [dh, dx, alone, source, gamma, hats] { #expect(floats.isIntact) }
        }
    }

    @Test("the scale's gradient adds Σ dy x̂ to what is there", arguments: KernelVariant.supported)
    func scaleGradient(_ variant: KernelVariant) {
        for width in oddSizes {
            let (dy, hats) = (Samples("dy").normal(5 * width), Samples("hats").normal(5 * width))
            let gamma = GuardedFloats(Array(repeating: 2, count: width), misalignment: 1)
            variant.run { peft_column_dots(gamma.pointer, dy, hats, 5, width) }
            let expected = (0..<width).map { column in
                (0..<5).reduce(2.0) { $0 + Double(dy[$1 * width + column]) * Double(hats[$1 * width + column]) }
            }
            expectAgreement(gamma.elements, expected, relative: 0, absolute: 3e-6, "width \(width)")
            #expect(gamma.isIntact)
        }
    }

    /// x̂ of one row, by a variant.
    private func normalize(_ row: [Float], epsilon: Float, _ variant: KernelVariant) -> (hats: [Float], inverse: Float)
    {
        let (ones, zeros) = (row.map { _ in Float(1) }, row.map { _ in Float(0) })
        var (y, hats, inverse): ([Float], [Float], [Float]) = (zeros, zeros, [0])
        variant.run {
            peft_residual_norm(&y, &hats, &inverse, row, nil, PEFTDropout(), ones, zeros, epsilon, 1, row.count)
        }
        return (hats, inverse[0])
    }

    @Test("a constant row is zeros, whatever the constant", arguments: KernelVariant.supported)
    func constantRows(_ variant: KernelVariant) {
        for constant: Float in [0, 0.1, -1e-3, 1234.567, 1e9] {
            for width in oddSizes where width > 0 {
                let (hats, inverse) = normalize(Array(repeating: constant, count: width), epsilon: 1e-12, variant)
                #expect(hats.allSatisfy { abs($0) < 1e-3 }, "\(constant), width \(width): \(hats[0])")
                #expect(abs(inverse - 1e6) < 1e3, "\(constant), width \(width)")
            }
        }
    }

    @Test("rows far from zero keep their digits", arguments: KernelVariant.supported)
    func farFromZero(_ variant: KernelVariant) {
        for mean in [10.0, 1e3, 1e5] {
            let row = Samples("far").normal(384, mean: mean)
            let twin = NormTwin(
                width: 384,
                gamma: Array(repeating: 1, count: 384),
                beta: Array(repeating: 0, count: 384),
                epsilon: 1e-12
            )
            let (hats, inverse) = normalize(row, epsilon: 1e-12, variant)
            let expected = twin(row.doubles)
            expectAgreement(hats, expected.normalized, relative: 1e-6, absolute: 1e-6, "mean \(mean)")
            #expect(abs(Double(inverse) - expected.inverseDeviation[0]) < 1e-6)
        }
    }

    @Test("NaN and infinity make their own row NaN and no other", arguments: KernelVariant.supported)
    func notANumber(_ variant: KernelVariant) {
        for bad: Float in [.nan, .infinity] {
            for width in [3, 17, 100] {
                var x = Samples("x").normal(3 * width)
                x[width + width / 2] = bad
                let (ones, zeros) = (Array(repeating: Float(1), count: width), Array(repeating: Float(0), count: width))
                var y = x
                variant.run {
                    peft_residual_norm(&y, nil, nil, x, nil, PEFTDropout(), ones, zeros, 1e-5, 3, width)
                }
                #expect(y[width..<2 * width].allSatisfy { $0.isNaN })
                #expect((y[..<width] + y[(2 * width)...]).allSatisfy { $0.isFinite })
            }
        }
    }
}
