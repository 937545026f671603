import CKernels
import Foundation
import PEFTTensor
import Testing

@Suite("The AdamW kernel")
struct AdamWKernelTests {
    private func options(_ twin: AdamWTwin, step: Int) -> PEFTAdamW {
        PEFTAdamW(
            learningRate: twin.learningRate,
            beta1: twin.beta1,
            beta2: twin.beta2,
            epsilon: twin.epsilon,
            weightDecay: twin.weightDecay,
            correction1: 1 - pow(twin.beta1, Double(step)),
            correction2: 1 - pow(twin.beta2, Double(step))
        )
    }

    @Test("ten steps are PyTorch's formula to single precision", arguments: KernelVariant.supported)
    func steps(_ variant: KernelVariant) {
        for size in oddSizes {
            let start = Samples("parameter").normal(size)
            var twin = AdamWTwin(parameter: start.doubles)
            let parameter = GuardedFloats(start, misalignment: 1)
            let first = GuardedFloats(Array(repeating: 0, count: size), misalignment: 2)
            let second = GuardedFloats(Array(repeating: 0, count: size), misalignment: 3)
            for step in 1...10 {
                // Gradients of all magnitudes: the update hardly depends on them.
                let gradient = Samples("gradient \(step)").normal(size).map { $0 * $0 * $0 * 0.01 }
                twin.step(gradient.doubles)
                variant.run {
                    peft_adamw(
                        parameter.pointer,
                        first.pointer,
                        second.pointer,
                        gradient,
                        options(twin, step: step),
                        size
                    )
                }
            }
            expectAgreement(first.elements, twin.first, "first moment, size \(size)") { _ in 20 * roundoff * 0.01 }
            expectAgreement(second.elements, twin.second, relative: 20 * roundoff, "second moment, size \(size)")
            // Each step rounds the parameter twice, and moves it by at most the learning rate, a few ulp off.
            expectAgreement(parameter.elements, twin.parameter, "parameter, size \(size)") {
                20 * roundoff * abs(twin.parameter[$0]) + 10 * twin.learningRate * 40 * roundoff
            }
            #expect(parameter.isIntact && first.isIntact && second.isIntact)
        }
    }

    @Test(
        "the moments' first values are (1 − β) g and (1 − β) g² to the last place",
        arguments: KernelVariant.supported
    )
    func complements(_ variant: KernelVariant) {
        let twin = AdamWTwin(parameter: [0])
        var (parameter, first, second): ([Float], [Float], [Float]) = ([0], [0], [0])
        variant.run { peft_adamw(&parameter, &first, &second, [2], options(twin, step: 1), 1) }
        #expect(first == [0.2])
        #expect(second == [0.004])
    }

    @Test("a first step has the size of the learning rate, whatever the gradient's", arguments: KernelVariant.supported)
    func firstStep(_ variant: KernelVariant) {
        var twin = AdamWTwin(parameter: [])
        twin.weightDecay = 0
        let gradient: [Float] = [1e-3, -1e-3, 1, -1, 1e6, -1e12]
        var parameter = gradient.map { _ in Float(0) }
        var (first, second) = (parameter, parameter)
        variant.run { peft_adamw(&parameter, &first, &second, gradient, options(twin, step: 1), gradient.count) }
        expectAgreement(parameter, gradient.map { $0 > 0 ? -1e-3 : 1e-3 }, relative: 1.1e-5)
    }

    @Test("no gradient, no movement, not even NaN; decay alone shrinks", arguments: KernelVariant.supported)
    func withoutGradient(_ variant: KernelVariant) {
        var twin = AdamWTwin(parameter: [])
        twin.weightDecay = 0
        var (parameter, first, second): ([Float], [Float], [Float]) = ([1.5, -2, 0], [0, 0, 0], [0, 0, 0])
        variant.run { peft_adamw(&parameter, &first, &second, [0, 0, 0], options(twin, step: 1), 3) }
        #expect(parameter == [1.5, -2, 0])
        twin.weightDecay = 0.5
        twin.learningRate = 0.25
        variant.run { peft_adamw(&parameter, &first, &second, [0, 0, 0], options(twin, step: 2), 3) }
        #expect(parameter == [1.5 * 0.875, -2 * 0.875, 0])
    }

    @Test("a gradient that is NaN shows", arguments: KernelVariant.supported)
    func notANumber(_ variant: KernelVariant) {
        var (parameter, first, second): ([Float], [Float], [Float]) = ([1, 1], [0, 0], [0, 0])
        let options = options(AdamWTwin(parameter: []), step: 1)
        variant.run { peft_adamw(&parameter, &first, &second, [.nan, 1], options, 2) }
        #expect(parameter[0].isNaN && first[0].isNaN && second[0].isNaN)
        #expect(!parameter[1].isNaN)
    }
}
