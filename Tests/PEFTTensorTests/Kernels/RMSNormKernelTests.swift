import CKernels
import PEFTTensor
import Testing

@Suite("Root-mean-square norm kernels")
struct RMSNormKernelTests {
    private struct Problem {
        let rows: Int
        let width: Int
        let x: [Float]
        let dy: [Float]
        let gamma: [Float]

        init(rows: Int, width: Int) {
            (self.rows, self.width) = (rows, width)
            x = Samples("x").normal(rows * width, mean: 0.3)
            dy = Samples("dy").normal(rows * width)
            gamma = Samples("gamma").normal(width, mean: 1, deviation: 0.3)
        }

        var twin: RMSNormTwin { RMSNormTwin(width: width, gamma: gamma.doubles, epsilon: 1e-5) }
    }

    private func forEachProblem(_ body: (Problem, String) -> Void) {
        for rows in [0, 1, 4] {
            for width in oddSizes where width > 0 {
                body(Problem(rows: rows, width: width), "\(rows) × \(width)")
            }
        }
    }

    @Test("rows over the root of their mean square, also in place", arguments: KernelVariant.supported)
    func forward(_ variant: KernelVariant) {
        forEachProblem { problem, context in
            let (rows, width) = (problem.rows, problem.width)
            let x = GuardedFloats(problem.x, misalignment: 1)
            let gamma = GuardedFloats(problem.gamma, misalignment: 3)
            let (y, inverse) = (GuardedFloats(count: rows * width, misalignment: 2), GuardedFloats(count: rows))
            let inPlace = GuardedFloats(problem.x, misalignment: 3)
            variant.run {
                peft_rms_norm(y.pointer, inverse.pointer, x.pointer, gamma.pointer, 1e-5, rows, width)
                peft_rms_norm(inPlace.pointer, nil, inPlace.pointer, gamma.pointer, 1e-5, rows, width)
            }
            expectAgreement(y.elements, problem.twin(problem.x.doubles), relative: 1e-6, context)
            expectAgreement(inverse.elements, problem.twin.inverses(problem.x.doubles), relative: 1e-6, context)
            expectSameBits(inPlace.elements, y.elements, "\(context), in place, saving nothing")
            for floats in [x, gamma, y, inverse, inPlace] { #expect(floats.isIntact) }
        }
    }

    @Test("the gradient of the input is the Jacobian's, written or added", arguments: KernelVariant.supported)
    func backward(_ variant: KernelVariant) {
        forEachProblem { problem, context in
            let (rows, width) = (problem.rows, problem.width)
            let inverses = problem.twin.inverses(problem.x.doubles)
            let expected = problem.twin.gradient(problem.dy.doubles, at: problem.x.doubles)
            let before = Samples("before").normal(rows * width)
            let (x, dy) = (GuardedFloats(problem.x, misalignment: 1), GuardedFloats(problem.dy, misalignment: 2))
            let (gamma, inverse) = (GuardedFloats(problem.gamma), GuardedFloats(inverses.map(Float.init)))
            let (fresh, sum) = (GuardedFloats(count: rows * width), GuardedFloats(before, misalignment: 3))
            let sums = GuardedFloats(Array(repeating: 0, count: width), misalignment: 1)
            variant.run {
                for (dx, beta, sums) in [(fresh, 0, sums), (sum, 1, nil)] as [(GuardedFloats, Float, GuardedFloats?)] {
                    peft_rms_norm_backward(
                        dx.pointer,
                        beta,
                        sums?.pointer,
                        dy.pointer,
                        x.pointer,
                        inverse.pointer,
                        gamma.pointer,
                        rows,
                        width
                    )
                }
            }
            // The difference of two numbers that are as large as the root times dy and γ.
            func bound(_ at: Int) -> Double { 2e-6 * (2 * inverses[at / width] + abs(expected[at])) }
            expectAgreement(fresh.elements, expected, context, within: bound)
            expectAgreement(sum.elements, zip(before.doubles, expected).map(+), "\(context), added") {
                bound($0) + 2 * roundoff * (abs(Double(before[$0])) + abs(expected[$0]))
            }
            for floats in [x, dy, gamma, inverse, fresh, sum, sums] { #expect(floats.isIntact) }
        }
    }

    @Test(
        "the gradient of the scale adds to what is there, with or without the input's",
        arguments: KernelVariant.supported
    )
    func scaleGradient(_ variant: KernelVariant) {
        forEachProblem { problem, context in
            let (rows, width) = (problem.rows, problem.width)
            let inverses = problem.twin.inverses(problem.x.doubles).map(Float.init)
            let before = Samples("before").normal(width)
            let (alone, beside) = (GuardedFloats(before, misalignment: 1), GuardedFloats(before, misalignment: 2))
            let input = GuardedFloats(count: rows * width)
            variant.run {
                for (sums, dx) in [(alone, nil), (beside, input)] as [(GuardedFloats, GuardedFloats?)] {
                    peft_rms_norm_backward(
                        dx?.pointer,
                        0,
                        sums.pointer,
                        problem.dy,
                        problem.x,
                        inverses,
                        problem.gamma,
                        rows,
                        width
                    )
                }
            }
            let expected = problem.twin.scaleGradient(problem.dy.doubles, at: problem.x.doubles)
            expectAgreement(
                alone.elements,
                zip(before.doubles, expected).map(+),
                relative: 0,
                absolute: 5e-6,
                context
            )
            expectSameBits(beside.elements, alone.elements, "\(context), beside the input's")
            #expect(alone.isIntact && beside.isIntact && input.isIntact)
        }
    }

    @Test("a row of zeros stays zeros, and large and small rows keep their digits", arguments: KernelVariant.supported)
    func scales(_ variant: KernelVariant) {
        let width = 100
        let ones = Array(repeating: Float(1), count: width)
        for magnitude: Float in [0, 1e-4, 1, 1e4, 1e18] {
            let x = Samples("x").normal(width).map { $0 * magnitude }
            var y = x
            variant.run { peft_rms_norm(&y, nil, x, ones, 1e-12, 1, width) }
            let twin = RMSNormTwin(width: width, gamma: ones.doubles, epsilon: 1e-12)
            expectAgreement(y, twin(x.doubles), relative: 1e-6, "magnitude \(magnitude)")
        }
    }

    @Test("NaN makes its own row NaN and no other", arguments: KernelVariant.supported)
    func notANumber(_ variant: KernelVariant) {
        for width in [3, 17, 100] {
            var x = Samples("x").normal(3 * width)
            x[width + width / 2] = .nan
            let ones = Array(repeating: Float(1), count: width)
            var y = x
            variant.run { peft_rms_norm(&y, nil, x, ones, 1e-5, 3, width) }
            #expect(y[width..<2 * width].allSatisfy { $0.isNaN })
            #expect((y[..<width] + y[(2 * width)...]).allSatisfy { $0.isFinite })
        }
    }
}
