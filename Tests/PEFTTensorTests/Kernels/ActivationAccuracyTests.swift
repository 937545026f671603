import CKernels
import Foundation
import PEFTTensor
import Testing

/// The errors that the headers state, over a dense sample of all floats.
@Suite("Accuracy of activations")
struct ActivationAccuracyTests {
    /// Every float from `lowest` to `highest` in magnitude, of both signs, a prime number of them apart.
    private func samples(from lowest: Float, through highest: Float) -> [Float] {
        stride(from: lowest.bitPattern, through: highest.bitPattern, by: 2003).flatMap {
            [Float(bitPattern: $0), -Float(bitPattern: $0)]
        }
    }

    /// Evaluates an activation everywhere in every variant and expects it within absolute `bounds` of the twin.
    private func check(_ kind: PEFTActivation, _ bounds: (_ x: Double, _ twin: ActivationTwin) -> (Double, Double)) {
        let twin = ActivationTwin(kind: kind)
        let x = samples(from: 1e-20, through: 200)
        #expect(x.count > 500_000)
        let values = x.map { twin.value(Double($0)) }
        let derivatives = x.map { twin.derivative(Double($0)) }
        let limits = x.map { bounds(Double($0), twin) }
        for variant in KernelVariant.supported {
            var (y, kept) = (x, x)
            variant.run { peft_activation_keep(kind, &y, &kept, x.count) }
            expectAgreement(y, values, "value, \(variant.testDescription)") { limits[$0].0 }
            expectAgreement(kept, derivatives, "derivative, \(variant.testDescription)") { limits[$0].1 }
        }
    }

    @Test("GELU keeps its digits deep into the negative tail, where the erf formula has none left")
    func gelu() {
        // Rounding x² moves the exponent of the bell, so the relative error grows with x²; below −13.19 the bell is 0.
        check(PEFT_GELU) { x, twin in
            let relative = x < 0 ? 4.2e-7 + 3e-8 * x * x : 3.5e-7
            let value = relative * abs(twin.value(x)) + 1e-37
            return x < -2 ? (value, relative * abs(twin.derivative(x)) + 2e-36) : (value, 2e-7)
        }
    }

    @Test("GELU's tanh form keeps its digits, too")
    func geluTanh() {
        check(PEFT_GELU_TANH) { x, twin in
            // The exponent 2u grows with x³, and its five roundings with it.
            let exponent = 1.5957691216 * abs(x + 0.044715 * x * x * x)
            let relative = 2e-7 + (x < 0 ? 2e-7 * exponent : 0)
            let value = relative * abs(twin.value(x)) + 2e-36
            return x < -2 ? (value, relative * abs(twin.derivative(x)) + 3e-35) : (value, 2.4e-7)
        }
    }

    @Test("ReLU is exact")
    func relu() {
        check(PEFT_RELU) { _, _ in (0, 0) }
    }

    @Test("SiLU keeps its digits until e⁻ˣ leaves the range")
    func silu() {
        check(PEFT_SILU) { x, twin in
            let value = 2.5e-7 * abs(twin.value(x)) + 2e-36
            return x < -2 ? (value, 5e-7 * abs(twin.derivative(x)) + 2e-36) : (value, 2e-7)
        }
    }

    @Test("tanh keeps its digits everywhere, its derivative to an absolute error")
    func tanh() {
        check(PEFT_TANH) { x, twin in (1.5e-7 * abs(twin.value(x)), 1.3e-7) }
    }

    @Test("the exponential under softmax keeps its digits over the whole range")
    func exponential() {
        // With a log-sum of 0 the backward pass of softmax recomputes plain exponentials.
        let x = samples(from: 1e-20, through: 200)
        let expected = x.map { $0 < -87 ? 0 : exp(min(Double($0), 88)) }
        let all = PEFTVisibility(first: 0, firstSlope: 0, last: x.count, lastSlope: 0)
        for variant in KernelVariant.supported {
            var scores = x
            var gradient = x.map { _ in Float(0) }
            variant.run {
                peft_softmax_backward(&scores, &gradient, [0], 1, nil, all, PEFTDropout(), 1, x.count)
            }
            expectAgreement(scores, expected, relative: 8.5e-8, variant.testDescription)
        }
    }
}
