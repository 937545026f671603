import CKernels
import Foundation
import PEFTTensor
import Testing

@Suite("Activation kernels")
struct ActivationKernelTests {
    @Test("any length and alignment, with or without keeping the derivative", arguments: KernelVariant.supported)
    func lengths(_ variant: KernelVariant) {
        for kind in ActivationTwin.kinds {
            let twin = ActivationTwin(kind: kind)
            for size in oddSizes {
                let x = Samples("x").normal(size, deviation: 2)
                for misalignment in [0, 1, 3] {
                    let source = GuardedFloats(x, misalignment: misalignment)
                    let kept = GuardedFloats(x, misalignment: misalignment + 2)
                    let y = GuardedFloats(count: size, misalignment: misalignment + 1)
                    let z = GuardedFloats(count: size, misalignment: misalignment)
                    variant.run {
                        peft_activation(kind, y.pointer, source.pointer, size)
                        peft_activation_keep(kind, z.pointer, kept.pointer, size)
                        peft_activation(kind, source.pointer, source.pointer, size)
                    }
                    let context = "kind \(kind.rawValue), size \(size)"
                    expectAgreement(y.elements, x.map { twin.value(Double($0)) }, relative: 2e-5, context)
                    expectAgreement(
                        kept.elements,
                        x.map { twin.derivative(Double($0)) },
                        relative: 0,
                        absolute: 5e-7,
                        context
                    )
                    expectSameBits(z.elements, y.elements, context)
                    expectSameBits(source.elements, y.elements, "\(context), in place")
                    #expect(y.isIntact && z.isIntact && source.isIntact && kept.isIntact)
                }
            }
        }
    }

    @Test("NaN goes in, NaN comes out", arguments: KernelVariant.supported)
    func notANumber(_ variant: KernelVariant) {
        for kind in ActivationTwin.kinds {
            for size in [1, 4, 8, 16, 17] {
                var x = Array(repeating: Float(0.5), count: size)
                x[size - 1] = .nan
                var y = x
                variant.run { peft_activation_keep(kind, &y, &x, size) }
                #expect(y[size - 1].isNaN, "kind \(kind.rawValue)")
                #expect(y.dropLast().allSatisfy { !$0.isNaN } && x.dropLast().allSatisfy { !$0.isNaN })
                // PyTorch lets a gradient pass where max(x, 0) is NaN; elsewhere the derivative is NaN too.
                #expect(kind == PEFT_RELU ? x[size - 1] == 1 : x[size - 1].isNaN, "kind \(kind.rawValue)")
            }
        }
    }

    @Test("far out every activation is its limit, up to the largest number", arguments: KernelVariant.supported)
    func largeInputs(_ variant: KernelVariant) {
        for magnitude: Float in [100, 1e4, 1e10, 1e20, .greatestFiniteMagnitude] {
            for kind in ActivationTwin.kinds {
                var x = [magnitude, -magnitude]
                var y = x
                variant.run { peft_activation_keep(kind, &y, &x, 2) }
                let isTanh = kind == PEFT_TANH
                #expect(y == (isTanh ? [1, -1] : [magnitude, 0]), "kind \(kind.rawValue) of ±\(magnitude)")
                #expect(x == (isTanh ? [0, 0] : [1, 0]), "derivative of kind \(kind.rawValue) at ±\(magnitude)")
            }
        }
    }

    @Test("infinity is its limit", arguments: KernelVariant.supported)
    func infinity(_ variant: KernelVariant) {
        for kind in ActivationTwin.kinds {
            var y: [Float] = [0, 0]
            variant.run { peft_activation(kind, &y, [.infinity, -.infinity], 2) }
            #expect(y[0] == (kind == PEFT_TANH ? 1 : .infinity), "kind \(kind.rawValue)")
            switch kind {
            case PEFT_TANH: #expect(y[1] == -1)
            case PEFT_RELU: #expect(y[1] == 0)
            // −∞ times 0, as in PyTorch.
            default: #expect(y[1].isNaN, "kind \(kind.rawValue)")
            }
        }
    }

    @Test("zero stays zero, and so do the smallest numbers' halves", arguments: KernelVariant.supported)
    func nearZero(_ variant: KernelVariant) {
        for kind in ActivationTwin.kinds {
            let x: [Float] = [0, -0.0, .leastNormalMagnitude, -.leastNormalMagnitude, 0x1p-139]
            var y = x
            variant.run { peft_activation(kind, &y, x, x.count) }
            let twin = ActivationTwin(kind: kind)
            expectAgreement(y, x.map { twin.value(Double($0)) }, relative: 4e-7, absolute: 0x1p-149)
        }
    }
}
