import CKernels
import Foundation
import PEFTTensor
import Testing

@Suite("Cross-entropy kernels")
struct CrossEntropyKernelTests {
    private struct Problem {
        let rows: Int
        let columns: Int
        let logits: [Float]
        /// Targets of rows that do not count lie outside of everything.
        let targets: [Int32]
        let weights: [Float]

        init(rows: Int, columns: Int, deviation: Double = 4) {
            (self.rows, self.columns) = (rows, columns)
            logits = Samples("logits").normal(rows * columns, deviation: deviation)
            weights = (0..<rows).map { ([1, 0, 0.5, -2, 3] as [Float])[$0 % 5] }
            targets = weights.enumerated().map { row, weight in
                weight == 0 ? -1_000_000_000 : Int32(Samples("targets").random.integer(below: columns, row))
            }
        }

        /// log p of every element, row by row.
        var logProbabilities: [Double] {
            (0..<rows).flatMap { row in
                let line = logits[row * columns..<(row + 1) * columns].map(Double.init)
                let peak = line.max() ?? 0
                let logSum = peak + log(line.reduce(0) { $0 + exp($1 - peak) })
                return line.map { $0 - logSum }
            }
        }
    }

    private func forEachProblem(_ body: (Problem, String) -> Void) {
        for columns in oddSizes + [20_011] where columns > 0 {
            for rows in [0, 1, 5] { body(Problem(rows: rows, columns: columns), "\(rows) × \(columns)") }
        }
    }

    @Test("the weighted sum of −log p of the targets, in double precision", arguments: KernelVariant.supported)
    func loss(_ variant: KernelVariant) {
        forEachProblem { problem, context in
            let logits = GuardedFloats(problem.logits, misalignment: 1)
            let loss = variant.run {
                peft_cross_entropy(
                    nil,
                    logits.pointer,
                    problem.targets,
                    problem.weights,
                    problem.rows,
                    problem.columns
                )
            }
            let logs = problem.logProbabilities
            let expected = (0..<problem.rows).filter { problem.weights[$0] != 0 }.reduce(0.0) {
                $0 - Double(problem.weights[$1]) * logs[$1 * problem.columns + Int(problem.targets[$1])]
            }
            // Only the exponentials are single precision, and those of the largest logits are off by 1e-7.
            #expect(abs(loss - expected) <= 1e-6 * Double(problem.rows), "\(context)")
            expectSameBits(logits.elements, problem.logits, context)
            #expect(logits.isIntact)
        }
    }

    @Test(
        "weight (p − onehot), in the logits' place, too; zeros for rows that don't count",
        arguments: KernelVariant.supported
    )
    func gradient(_ variant: KernelVariant) {
        forEachProblem { problem, context in
            let (rows, columns) = (problem.rows, problem.columns)
            let (logits, inPlace) = (GuardedFloats(problem.logits, misalignment: 1), GuardedFloats(problem.logits))
            let gradient = GuardedFloats(count: rows * columns, misalignment: 3)
            let (targets, weights) = (problem.targets, problem.weights)
            let alone = variant.run { peft_cross_entropy(nil, logits.pointer, targets, weights, rows, columns) }
            let beside = variant.run {
                peft_cross_entropy(gradient.pointer, logits.pointer, targets, weights, rows, columns)
            }
            let within = variant.run {
                peft_cross_entropy(inPlace.pointer, inPlace.pointer, targets, weights, rows, columns)
            }
            #expect(beside == alone && within == alone, "\(context)")
            let p = problem.logProbabilities.map { exp($0) }
            let expected = p.indices.map { at in
                let weight = Double(problem.weights[at / columns])
                let isTarget = at % columns == Int(problem.targets[at / columns])
                return weight == 0 ? 0 : weight * (p[at] - (isTarget ? 1 : 0))
            }
            expectAgreement(gradient.elements, expected, context) { at in
                // Distances from the peak go up to 40; the target's element is the difference from 1.
                let isTarget = at % columns == Int(problem.targets[at / columns])
                let weight = abs(Double(problem.weights[at / columns]))
                return weight * (4e-6 * p[at] + (isTarget ? 2 * roundoff : 0)) + 1e-36
            }
            expectSameBits(inPlace.elements, gradient.elements, "\(context), in place")
            #expect(logits.isIntact && inPlace.isIntact && gradient.isIntact)
        }
    }

    @Test("the gradient of a row adds up to nothing", arguments: KernelVariant.supported)
    func rowSums(_ variant: KernelVariant) {
        for columns in [2, 17, 1000, 20_011] {
            let problem = Problem(rows: 1, columns: columns, deviation: 1)
            var gradient = problem.logits
            variant.run {
                _ = peft_cross_entropy(&gradient, problem.logits, problem.targets, problem.weights, 1, columns)
            }
            #expect(abs(gradient.doubles.reduce(0, +)) < 1e-6, "\(columns) columns")
        }
    }

    @Test("many equal logits lose nothing on the way", arguments: KernelVariant.supported)
    func manyColumns(_ variant: KernelVariant) {
        // In single precision a lane would stop counting at 2²⁴; long before that it would round.
        let columns = 300_007
        let loss = variant.run {
            peft_cross_entropy(nil, Array(repeating: -3, count: columns), [7], [1], 1, columns)
        }
        #expect(abs(loss - log(Double(columns))) < 1e-13)
    }

    @Test("large logits neither overflow nor lose the difference", arguments: KernelVariant.supported)
    func largeLogits(_ variant: KernelVariant) {
        var gradient: [Float] = [0, 0, 0]
        for magnitude: Float in [1e3, 1e10, 1e30, .greatestFiniteMagnitude] {
            let logits = [-magnitude, magnitude, magnitude]
            let loss = variant.run { peft_cross_entropy(&gradient, logits, [1], [1], 1, 3) }
            #expect(loss == log(2) && gradient == [0, -0.5, 0.5], "\(magnitude)")
            let wrong = variant.run { peft_cross_entropy(&gradient, logits, [0], [1], 1, 3) }
            #expect(wrong == 2 * Double(magnitude) + log(2) && gradient == [-1, 0.5, 0.5], "\(magnitude)")
        }
    }

    @Test("NaN makes its own row NaN and no other", arguments: KernelVariant.supported)
    func notANumber(_ variant: KernelVariant) {
        for columns in [3, 17, 100] {
            var logits = Samples("logits").normal(3 * columns)
            logits[columns + columns / 2] = .nan
            var gradient = logits
            let loss = variant.run {
                peft_cross_entropy(&gradient, logits, [0, 1, 2], [1, 1, 1], 3, columns)
            }
            #expect(loss.isNaN && gradient[columns..<2 * columns].allSatisfy { $0.isNaN })
            #expect((gradient[..<columns] + gradient[(2 * columns)...]).allSatisfy { $0.isFinite })
        }
    }
}
