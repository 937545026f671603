import CKernels
import PEFTTensor
import Testing

@Suite("What products do on the way")
struct FusedProductTests {
    /// A product with everything that may go with it, and the double-precision steps it stands for.
    private struct Case {
        var (m, n, k) = (0, 0, 0)
        var left: DropoutTwin?
        var right: DropoutTwin?
        var product: DropoutTwin?
        var hasBias = false
        var beta: Float = 0
        var activation: PEFTActivation?
        var transposesRight = false

        /// Every dropout in turn, and all else together.
        static func all(_ m: Int, _ n: Int, _ k: Int) -> [Case] {
            func dropout(_ rows: Int, _ site: UInt64) -> DropoutTwin {
                DropoutTwin(rate: 0.3, rowKeys: Samples("keys \(site)").keys(rows), siteKey: site)
            }
            let plain = Case(m: m, n: n, k: k)
            return [
                plain.with { $0.hasBias = true },
                plain.with { ($0.hasBias, $0.beta) = (true, 0.5) },
                plain.with { ($0.left, $0.transposesRight) = (dropout(m, 1), true) },
                plain.with { $0.right = dropout(k, 2) },
                plain.with { ($0.product, $0.beta) = (dropout(m, 3), 1) },
                plain.with { ($0.product, $0.hasBias) = (dropout(m, 4), true) },
                plain.with { ($0.activation, $0.hasBias, $0.transposesRight) = (PEFT_GELU, true, true) },
                plain.with {
                    ($0.left, $0.right, $0.product) = (dropout(m, 5), dropout(k, 6), dropout(m, 7))
                    ($0.hasBias, $0.beta, $0.activation) = (true, 1, PEFT_TANH)
                },
            ]
        }

        private func with(_ change: (inout Case) -> Void) -> Case {
            var changed = self
            change(&changed)
            return changed
        }

        func check(_ context: String) {
            let a = Samples("a").normal(m * k), b = Samples("b").normal(k * n)
            let before = Samples("c").normal(m * n), bias = Samples("bias").normal(n)
            let c = GuardedFloats(beta == 0 ? Array(repeating: .nan, count: m * n) : before)
            let derivative = GuardedFloats(count: m * n)
            let stored = transposesRight ? MatrixTwin(k, n, b.doubles).transposed.elements.map { Float($0) } : b
            let (leftMemory, rightMemory, biasMemory) = (GuardedFloats(a), GuardedFloats(stored), GuardedFloats(bias))
            let right = MatrixView(
                rightMemory.pointer,
                rows: transposesRight ? n : k,
                columns: transposesRight ? k : n,
                isTransposed: transposesRight
            )
            left.withKernel { leftMask in
                self.right.withKernel { rightMask in
                    product.withKernel { productMask in
                        var fusion = ProductFusion(bias: hasBias ? UnsafePointer(biasMemory.pointer) : nil)
                        (fusion.leftDropout, fusion.rightDropout) = (leftMask, rightMask)
                        fusion.productDropout = productMask
                        fusion.activation = activation
                        fusion.derivative = activation == nil ? nil : derivative.pointer
                        multiply(
                            MatrixView(leftMemory.pointer, rows: m, columns: k),
                            right,
                            into: MatrixView(c.pointer, rows: m, columns: n),
                            alpha: 0.25,
                            beta: beta,
                            fusing: fusion
                        )
                    }
                }
            }
            let droppedLeft = zip(a.doubles, left.multipliers(rows: m, width: k)).map(*)
            let droppedRight = zip(b.doubles, self.right.multipliers(rows: k, width: n)).map(*)
            let sums = (MatrixTwin(m, k, droppedLeft) * MatrixTwin(k, n, droppedRight)).elements
            let masks = product.multipliers(rows: m, width: n)
            let expected = sums.indices.map { at in
                0.25 * sums[at] * masks[at] + (hasBias ? Double(bias[at % n]) : 0)
                    + (beta == 0 ? 0 : Double(beta) * Double(before[at]))
            }
            let twin = activation.map { ActivationTwin(kind: $0) }
            let bound = 2e-6 * Double(k + 4).squareRoot()
            expectAgreement(
                c.elements,
                expected.map { twin?.value($0) ?? $0 },
                relative: bound,
                absolute: bound,
                context
            )
            if let twin {
                expectAgreement(
                    derivative.elements,
                    expected.map(twin.derivative),
                    relative: bound,
                    absolute: 2 * bound,
                    context
                )
            }
            #expect(c.isIntact && derivative.isIntact, "\(context)")
        }
    }

    @Test(
        "bias, dropouts and activations, in shapes that fill blocks and such that don't",
        arguments: KernelVariant.supported
    )
    func fused(_ variant: KernelVariant) {
        for (m, n, k) in [(1, 1, 1), (3, 17, 5), (9, 48, 33), (130, 8, 96), (70, 100, 40), (8, 96, 200), (250, 50, 8)] {
            for (index, next) in Case.all(m, n, k).enumerated() {
                variant.run { next.check("\(variant.testDescription), \(m) × \(n) × \(k), case \(index)") }
            }
        }
    }

    @Test("a dropped product deeper than one block", arguments: KernelVariant.supported)
    func deep(_ variant: KernelVariant) {
        for (index, next) in Case.all(20, 50, 900).enumerated() {
            variant.run { next.check("\(variant.testDescription), deep, case \(index)") }
        }
    }

    @Test("what a row becomes does not depend on the other rows, to the bit, with AVX-512")
    func rowsAlone() throws {
        guard let best = KernelVariant.supported.last, best.testDescription == "avx512" else { return }
        let (n, k) = (100, 400)
        let a = GuardedFloats(Samples("a").normal(300 * k)), b = GuardedFloats(Samples("b").normal(n * k))
        func product(_ rows: Range<Int>) -> [Float] {
            let c = GuardedFloats(count: rows.count * n)
            multiply(
                MatrixView(a.pointer + rows.lowerBound * k, rows: rows.count, columns: k),
                MatrixView(b.pointer, rows: n, columns: k, isTransposed: true),
                into: MatrixView(c.pointer, rows: rows.count, columns: n)
            )
            return c.elements
        }
        best.run {
            let all = product(0..<300)
            for rows in [0..<1, 7..<9, 100..<227, 299..<300] {
                let part = Array(all[(rows.lowerBound * n)..<(rows.upperBound * n)])
                expectSameBits(product(rows), part, "rows \(rows)")
            }
        }
    }
}
