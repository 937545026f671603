import CKernels
import PEFTTensor
import Testing

@Suite("Kernels over vectors")
struct VectorKernelTests {
    private let misalignments = [0, 1, 3]

    @Test("a product is the rounded product", arguments: KernelVariant.supported)
    func multiply(_ variant: KernelVariant) {
        for size in oddSizes {
            let (a, b) = (Samples("a").normal(size), Samples("b").normal(size))
            for misalignment in misalignments {
                let left = GuardedFloats(a, misalignment: misalignment)
                let right = GuardedFloats(b, misalignment: 2 * misalignment)
                let y = GuardedFloats(count: size, misalignment: misalignment + 1)
                variant.run {
                    peft_multiply(y.pointer, left.pointer, right.pointer, size)
                    peft_multiply(left.pointer, left.pointer, right.pointer, size)
                }
                expectSameBits(y.elements, zip(a, b).map(*), "size \(size)")
                expectSameBits(left.elements, y.elements, "size \(size), in place")
                #expect(y.isIntact && left.isIntact && right.isIntact)
            }
        }
    }

    @Test("a scaled vector is rounded once", arguments: KernelVariant.supported)
    func scale(_ variant: KernelVariant) {
        for size in oddSizes {
            let x = Samples("x").normal(size)
            for misalignment in misalignments {
                let source = GuardedFloats(x, misalignment: misalignment)
                let y = GuardedFloats(count: size, misalignment: misalignment + 1)
                variant.run {
                    peft_scale(y.pointer, source.pointer, -1.7, size)
                    peft_scale(source.pointer, source.pointer, -1.7, size)
                }
                expectSameBits(y.elements, x.map { $0 * -1.7 }, "size \(size)")
                expectSameBits(source.elements, y.elements, "size \(size), in place")
                #expect(y.isIntact && source.isIntact)
            }
        }
    }

    @Test("adding a scaled vector is rounded at most twice", arguments: KernelVariant.supported)
    func addScaled(_ variant: KernelVariant) {
        for size in oddSizes {
            let (x, y) = (Samples("x").normal(size), Samples("y").normal(size))
            for misalignment in misalignments {
                let source = GuardedFloats(x, misalignment: misalignment)
                let sum = GuardedFloats(y, misalignment: misalignment + 2)
                variant.run { peft_add_scaled(sum.pointer, source.pointer, 0.3, size) }
                let products = x.map { Double($0) * Double(Float(0.3)) }
                let expected = zip(y, products).map { Double($0) + $1 }
                expectAgreement(sum.elements, expected, "size \(size)") {
                    roundoff * (abs(products[$0]) + abs(expected[$0]))
                }
                #expect(sum.isIntact && source.isIntact)
            }
        }
    }

    @Test("a sum of squares is one in double precision", arguments: KernelVariant.supported)
    func sumOfSquares(_ variant: KernelVariant) {
        for size in oddSizes + [100_003] {
            let x = Samples("x").normal(size, mean: 0.5)
            let source = GuardedFloats(x, misalignment: 1)
            let sum = variant.run { peft_sum_of_squares(source.pointer, size) }
            let expected = x.reduce(0) { $0 + Double($1) * Double($1) }
            #expect(abs(sum - expected) <= 1e-13 * expected, "size \(size)")
        }
    }

    @Test("squares beyond the range of single precision count", arguments: KernelVariant.supported)
    func extremeSquares(_ variant: KernelVariant) {
        let x: [Float] = Array(repeating: 3e30, count: 21) + Array(repeating: 1e-30, count: 12)
        let expected = 21 * Double(x[0]) * Double(x[0])
        let sum = variant.run { peft_sum_of_squares(x, x.count) }
        #expect(abs(sum - expected) <= 1e-13 * expected)
        let tiny = Array(x[21...])
        let smallExpected = 12 * Double(tiny[0]) * Double(tiny[0])
        let smallSum = variant.run { peft_sum_of_squares(tiny, 12) }
        #expect(abs(smallSum - smallExpected) <= 1e-13 * smallExpected)
        let special = variant.run {
            (peft_sum_of_squares(x + [.nan], x.count + 1), peft_sum_of_squares(x + [.infinity], x.count + 1))
        }
        #expect(special.0.isNaN)
        #expect(special.1 == .infinity)
    }

    @Test("NaN and infinities go through", arguments: KernelVariant.supported)
    func specialValues(_ variant: KernelVariant) {
        let x: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1, 2]
        let ones = GuardedFloats(Array(repeating: 1, count: x.count))
        let y = GuardedFloats(count: x.count)
        variant.run { peft_multiply(y.pointer, x, ones.pointer, x.count) }
        #expect(y.elements[0].isNaN)
        expectSameBits(Array(y.elements[1...]), Array(x[1...]))
        variant.run { peft_add_scaled(ones.pointer, x, 1, x.count) }
        #expect(ones.elements[0].isNaN)
        #expect(ones.elements[1...] == [.infinity, -.infinity, 1, 1, .greatestFiniteMagnitude, 1, 2, 3])
    }
}
