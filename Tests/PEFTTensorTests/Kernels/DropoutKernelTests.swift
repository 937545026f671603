import CKernels
import PEFTTensor
import Testing

@Suite("Dropout kernels")
struct DropoutKernelTests {
    /// The mask that a variant applies: dropout of ones.
    private func mask(_ dropout: DropoutTwin, width: Int, _ variant: KernelVariant? = nil) -> [Float] {
        let rows = dropout.rowKeys.count
        let ones = GuardedFloats(Array(repeating: 1, count: rows * width), misalignment: 1)
        let y = GuardedFloats(count: rows * width, misalignment: 3)
        let compute = { dropout.withKernel { peft_dropout(y.pointer, ones.pointer, $0, rows, width) } }
        if let variant { variant.run(compute) } else { compute() }
        #expect(y.isIntact && ones.isIntact)
        return y.elements
    }

    @Test("every variant drops exactly the elements that the hash names", arguments: KernelVariant.supported)
    func masks(_ variant: KernelVariant) {
        for width in oddSizes {
            for rate in [0.1, 0.5, 0.97] {
                let dropout = DropoutTwin(rate: rate, rowKeys: Samples("keys").keys(5), siteKey: 77)
                expectSameBits(
                    mask(dropout, width: width, variant),
                    dropout.multipliers(width: width),
                    "width \(width)"
                )
            }
        }
    }

    @Test("survivors are scaled, with one rounding; adding rounds at most twice", arguments: KernelVariant.supported)
    func values(_ variant: KernelVariant) {
        let dropout = DropoutTwin(rate: 0.25, rowKeys: Samples("keys").keys(4), siteKey: 5)
        for width in oddSizes {
            let (x, before) = (Samples("x").normal(4 * width), Samples("y").normal(4 * width))
            let products = zip(x, dropout.multipliers(width: width)).map(*)
            let source = GuardedFloats(x, misalignment: 1)
            let y = GuardedFloats(count: 4 * width, misalignment: 2)
            let sum = GuardedFloats(before, misalignment: 3)
            variant.run {
                dropout.withKernel {
                    peft_dropout(y.pointer, source.pointer, $0, 4, width)
                    peft_dropout_add(sum.pointer, source.pointer, $0, 4, width)
                }
            }
            expectSameBits(y.elements, products, "width \(width)")
            let expected = zip(before, products).map { Double($0) + Double($1) }
            expectAgreement(sum.elements, expected, "width \(width), adding") {
                roundoff * (abs(expected[$0]) + 2 * abs(Double(products[$0])))
            }
            #expect(y.isIntact && sum.isIntact && source.isIntact)
        }
    }

    @Test("the kept share is 1 − p, and so the mean stays", arguments: [0.01, 0.1, 0.25, 0.5, 0.9, 0.99])
    func keptShare(rate: Double) {
        let (rows, width) = (1024, 768)
        let dropout = DropoutTwin(rate: rate, rowKeys: Samples("share").keys(rows), siteKey: 9)
        let mask = mask(dropout, width: width)
        let count = Double(rows * width)
        let kept = Double(mask.count { $0 != 0 })
        let sigma = (count * rate * (1 - rate)).squareRoot()
        #expect(abs(kept - count * (1 - rate)) < 4 * sigma)
        #expect(abs(mask.doubles.reduce(0, +) - count) < 4 * sigma / (1 - rate))
        // No row and no column is favoured: of 1,792 sums, none is as far off as chance makes one in ten thousand runs.
        for (groups, size, index) in [(rows, width, { $0 / width }), (width, rows, { $0 % width })] {
            var sums = Array(repeating: 0.0, count: groups)
            for (at, multiplier) in mask.enumerated() where multiplier != 0 { sums[index(at)] += 1 }
            let spread = (Double(size) * rate * (1 - rate)).squareRoot()
            let farthest = sums.map { abs($0 - Double(size) * (1 - rate)) / spread }.max() ?? .infinity
            // At the extreme rates the counts are Poisson, not normal: their tail is longer.
            #expect(farthest < (rate < 0.05 || rate > 0.95 ? 9 : 5.7))
        }
    }

    @Test("a row's mask depends on its key only: order and division of a batch don't matter")
    func rowsAreIndependent() {
        let (rows, width) = (50, 100)
        let keys = Samples("rows").keys(rows)
        let whole = mask(DropoutTwin(rate: 0.3, rowKeys: keys, siteKey: 1), width: width)
        let order = CounterRandom(seed: 3, purpose: "order").permutation(rows)
        let shuffled = mask(DropoutTwin(rate: 0.3, rowKeys: order.map { keys[$0] }, siteKey: 1), width: width)
        for (place, row) in order.enumerated() {
            #expect(shuffled[place * width..<(place + 1) * width] == whole[row * width..<(row + 1) * width])
        }
        let parts = [0..<7, 7..<8, 8..<50].flatMap {
            mask(DropoutTwin(rate: 0.3, rowKeys: Array(keys[$0]), siteKey: 1), width: width)
        }
        #expect(parts == whole)
        // A narrower matrix has the same mask in the columns it has.
        let narrow = mask(DropoutTwin(rate: 0.3, rowKeys: keys, siteKey: 1), width: 33)
        let leftColumns = (0..<rows).flatMap { row in whole[row * width..<row * width + 33] }
        #expect(narrow == leftColumns)
    }

    @Test("sites, rows and columns are independent of each other")
    func independence() {
        let (rows, width, rate) = (512, 512, 0.4)
        // Keys in sequence, as unlike random ones as possible.
        let keys = (0..<rows).map(UInt64.init)
        let kept = mask(DropoutTwin(rate: rate, rowKeys: keys, siteKey: 1 << 20), width: width).map { $0 != 0 }
        let other = mask(DropoutTwin(rate: rate, rowKeys: keys, siteKey: 2 << 20), width: width).map { $0 != 0 }
        func expectIndependent(_ pairs: some Collection<(Bool, Bool)>, _ comment: Comment) {
            let count = Double(pairs.count)
            let (mean, deviation) = (1 - rate, (rate * (1 - rate)).squareRoot())
            let covariance = pairs.reduce(0.0) { $0 + (($1.0 ? 1 : 0) - mean) * (($1.1 ? 1 : 0) - mean) } / count
            #expect(abs(covariance) / (deviation * deviation) < 4 / count.squareRoot(), comment)
        }
        expectIndependent(Array(zip(kept, other)), "two sites")
        for distance in [1, 2, 8, 16] {
            expectIndependent(Array(zip(kept, kept.dropFirst(distance * width))), "rows \(distance) apart")
            let columns = kept.indices.filter { $0 % width + distance < width }
            expectIndependent(columns.map { (kept[$0], kept[$0 + distance]) }, "columns \(distance) apart")
        }
    }
}
