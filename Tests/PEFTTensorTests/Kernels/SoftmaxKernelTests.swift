import CKernels
import Foundation
import PEFTTensor
import Testing

@Suite("Softmax kernels")
struct SoftmaxKernelTests {
    /// Which keys rows may see: all, up to the diagonal, a window below it, and bounds that leave the matrix.
    private static func visibilities(rows: Int, columns: Int) -> [PEFTVisibility?] {
        [
            nil,
            PEFTVisibility(first: 0, firstSlope: 0, last: columns - rows + 1, lastSlope: 1),
            PEFTVisibility(first: columns - rows - 2, firstSlope: 1, last: columns - rows + 1, lastSlope: 1),
            PEFTVisibility(first: -50, firstSlope: 20, last: 40, lastSlope: 30),
            PEFTVisibility(first: 5, firstSlope: 100, last: 1_000_000, lastSlope: 0),
            PEFTVisibility(first: 9, firstSlope: 0, last: 2, lastSlope: 1),
        ]
    }

    /// Problems of all sizes, with and without bias and dropout, and every kind of visibility.
    private func forEachProblem(_ body: (SoftmaxTwin, [Float], String) -> Void) {
        for (rows, columns) in [0, 1, 5].flatMap({ rows in oddSizes.map { (rows, $0) } }) {
            for (index, visibility) in Self.visibilities(rows: rows, columns: columns).enumerated() {
                for (hasBias, hasDropout) in [(false, false), (true, false), (false, true), (true, true)] {
                    let twin = SoftmaxTwin(
                        rows: rows,
                        columns: columns,
                        scale: 0.35,
                        bias: hasBias ? Samples("bias").normal(rows * columns) : nil,
                        visibility: visibility,
                        dropout: hasDropout ? DropoutTwin(rate: 0.2, rowKeys: Samples("k").keys(rows), siteKey: 8) : nil
                    )
                    body(
                        twin,
                        Samples("scores").normal(rows * columns, deviation: 10),
                        "\(rows) × \(columns), visibility \(index), bias \(hasBias), dropout \(hasDropout)"
                    )
                }
            }
        }
    }

    @Test("probabilities of visible scores, zeros elsewhere", arguments: KernelVariant.supported)
    func forward(_ variant: KernelVariant) {
        forEachProblem { twin, scores, context in
            let p = GuardedFloats(scores, misalignment: 1)
            let forgetful = GuardedFloats(scores, misalignment: 2)
            let logSums = GuardedFloats(count: twin.rows, misalignment: 3)
            let bias = twin.bias.map { GuardedFloats($0, misalignment: 1) }
            variant.run {
                twin.dropout.withKernel { mask in
                    for (p, sums) in [(p, logSums), (forgetful, nil)] as [(GuardedFloats, GuardedFloats?)] {
                        peft_softmax(
                            p.pointer,
                            sums?.pointer,
                            twin.scale,
                            bias?.pointer,
                            twin.kernelVisibility,
                            mask,
                            twin.rows,
                            twin.columns
                        )
                    }
                }
            }
            // Logits lie within ±20, so rounding one, or its distance from the peak, moves p by 20 · 2⁻²⁴ = 1.2e-6.
            expectAgreement(p.elements, twin(scores), relative: 4e-6, absolute: 1e-36, context)
            expectAgreement(logSums.elements, twin.logSums(scores), relative: 2 * roundoff, absolute: 2e-6, context)
            expectSameBits(forgetful.elements, p.elements, "\(context), saving nothing")
            #expect(p.isIntact && forgetful.isIntact && logSums.isIntact && bias?.isIntact != false)
        }
    }

    @Test("the gradient of the scores is the Jacobian's", arguments: KernelVariant.supported)
    func backward(_ variant: KernelVariant) {
        forEachProblem { twin, scores, context in
            guard twin.columns < 1000 || twin.rows < 5 else { return }
            let dp = Samples("dp").normal(scores.count)
            let dropped = twin(scores)
            let dots = (0..<twin.rows).map { row in
                (row * twin.columns..<(row + 1) * twin.columns).reduce(0.0) { $0 + Double(dp[$1]) * dropped[$1] }
            }
            let p = GuardedFloats(scores, misalignment: 1)
            let gradient = GuardedFloats(dp, misalignment: 2)
            let bias = twin.bias.map { GuardedFloats($0, misalignment: 1) }
            variant.run {
                twin.dropout.withKernel { mask in
                    peft_softmax_backward(
                        p.pointer,
                        gradient.pointer,
                        twin.logSums(scores).map(Float.init),
                        twin.scale,
                        bias?.pointer,
                        twin.kernelVisibility,
                        mask,
                        twin.rows,
                        twin.columns
                    )
                }
            }
            expectAgreement(p.elements, dropped, relative: 5e-6, absolute: 1e-36, context)
            let probabilities = twin.probabilities(scores)
            expectAgreement(gradient.elements, twin.gradient(dp, scores), context) {
                // p (dp − dot): p as accurate as above, the difference of two numbers of these sizes.
                probabilities[$0] * (5e-6 * (2 * abs(Double(dp[$0])) + abs(dots[$0 / twin.columns]))) + 1e-36
            }
            #expect(p.isIntact && gradient.isIntact && bias?.isIntact != false)
        }
    }

    /// Softmax of one row by a variant.
    private func softmax(_ row: [Float], scale: Float = 1, bias: [Float]? = nil, _ variant: KernelVariant) -> [Float] {
        let p = GuardedFloats(row, misalignment: 1)
        let all = PEFTVisibility(first: 0, firstSlope: 0, last: row.count, lastSlope: 0)
        variant.run { peft_softmax(p.pointer, nil, scale, bias, all, PEFTDropout(), 1, row.count) }
        return p.elements
    }

    @Test("a row's probabilities add up to 1", arguments: KernelVariant.supported)
    func sums(_ variant: KernelVariant) {
        for size in oddSizes where size > 0 {
            let p = softmax(Samples("scores").normal(size, deviation: 30), variant)
            #expect(abs(p.doubles.reduce(0, +) - 1) < 1e-6, "size \(size)")
            #expect(softmax(Array(repeating: -7, count: size), variant).allSatisfy { abs($0 * Float(size) - 1) < 1e-6 })
        }
    }

    @Test("large scores neither overflow nor lose the peak", arguments: KernelVariant.supported)
    func largeScores(_ variant: KernelVariant) {
        for magnitude: Float in [1e3, 1e10, 1e30, .greatestFiniteMagnitude] {
            #expect(softmax([-magnitude, magnitude, 0, magnitude], variant) == [0, 0.5, 0, 0.5])
            #expect(softmax([-magnitude, -magnitude], variant) == [0.5, 0.5])
        }
    }

    @Test("a score of −∞ gets nothing, the others share the rest", arguments: KernelVariant.supported)
    func minusInfinity(_ variant: KernelVariant) {
        let bias: [Float] = [-.infinity, 0, -.infinity, 0, 0, 0, -.infinity, 0, 0, -.infinity]
        let p = softmax(Array(repeating: 3, count: 10), bias: bias, variant)
        for (p, bias) in zip(p, bias) { #expect(bias == 0 ? abs(p * 6 - 1) < 1e-6 : p == 0) }
    }

    @Test("no score but −∞, or one of ∞ or NaN, makes the row NaN as in PyTorch", arguments: KernelVariant.supported)
    func undefinedRows(_ variant: KernelVariant) {
        for size in [1, 3, 8, 17, 33] {
            #expect(softmax(Array(repeating: -.infinity, count: size), variant).allSatisfy { $0.isNaN })
            for place in [0, size / 2, size - 1] {
                for bad: Float in [.nan, .infinity] {
                    var row = Samples("row").normal(size)
                    row[place] = bad
                    #expect(softmax(row, variant).allSatisfy { $0.isNaN })
                }
            }
        }
    }

    @Test("what is not visible is not looked at, not even NaN", arguments: KernelVariant.supported)
    func invisibleGarbage(_ variant: KernelVariant) {
        let (rows, columns) = (4, 19)
        let visible = PEFTVisibility(first: 2, firstSlope: 1, last: 2, lastSlope: 5)
        var twin = SoftmaxTwin(rows: rows, columns: columns, visibility: visible)
        var bias = Array(repeating: Float(0.5), count: rows * columns)
        var (scores, dp) = (Samples("scores").normal(rows * columns), Samples("dp").normal(rows * columns))
        for at in scores.indices where !twin.sees(row: at / columns, column: at % columns) {
            (scores[at], dp[at], bias[at]) = (.nan, .nan, .nan)
        }
        twin.bias = bias
        var (p, logSums) = (scores, Array(repeating: Float.nan, count: rows))
        variant.run { peft_softmax(&p, &logSums, 1, bias, visible, PEFTDropout(), rows, columns) }
        expectAgreement(p, twin(scores), relative: 1e-6)
        #expect(p[..<columns].allSatisfy { $0 == 0 } && logSums[0] == 0)
        var (again, gradient) = (scores, dp)
        variant.run {
            peft_softmax_backward(
                &again,
                &gradient,
                logSums,
                1,
                bias,
                visible,
                PEFTDropout(),
                rows,
                columns
            )
        }
        expectAgreement(again, twin(scores), relative: 2e-6)
        expectAgreement(gradient, twin.gradient(dp, scores), relative: 0, absolute: 2e-6)
        #expect(gradient[..<columns].allSatisfy { $0 == 0 })
    }

    @Test("a key's mask does not depend on which keys are visible", arguments: KernelVariant.supported)
    func maskOfVisibleKeys(_ variant: KernelVariant) {
        let columns = 100
        let dropout = DropoutTwin(rate: 0.5, rowKeys: [42], siteKey: 1)
        let kept = dropout.multipliers(width: columns).map { $0 != 0 }
        for first in [0, 1, 37] {
            var p = Array(repeating: Float(0), count: columns)
            let visible = PEFTVisibility(first: first, firstSlope: 0, last: columns, lastSlope: 0)
            variant.run { dropout.withKernel { peft_softmax(&p, nil, 1, nil, visible, $0, 1, columns) } }
            #expect(p[first...].map { $0 != 0 } == Array(kept[first...]))
        }
    }
}
