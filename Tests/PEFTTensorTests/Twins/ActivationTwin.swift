import CKernels
import Foundation

/// Activations and their derivatives in double precision, by libm.
struct ActivationTwin: Sendable {
    let kind: PEFTActivation

    static let kinds = [PEFT_GELU, PEFT_GELU_TANH, PEFT_RELU, PEFT_SILU, PEFT_TANH]

    func value(_ x: Double) -> Double {
        switch kind {
        case PEFT_GELU: x * cumulative(x)
        case PEFT_GELU_TANH: x * logistic(2 * inner(x))
        case PEFT_RELU: x > 0 ? x : 0
        case PEFT_SILU: x * logistic(x)
        default: tanh(x)
        }
    }

    func derivative(_ x: Double) -> Double {
        switch kind {
        case PEFT_GELU: return cumulative(x) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
        case PEFT_GELU_TANH:
            let share = logistic(2 * inner(x))
            let slope = (2 / Double.pi).squareRoot() * (1 + 3 * 0.044715 * x * x)
            return share + x * share * logistic(-2 * inner(x)) * 2 * slope
        case PEFT_RELU: return x > 0 ? 1 : 0
        case PEFT_SILU: return logistic(x) * (1 + x * logistic(-x))
        default: return 1 / (cosh(x) * cosh(x))
        }
    }

    private func cumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

    private func inner(_ x: Double) -> Double { (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x) }

    private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
