import Foundation
import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Gated activations")
struct GatedTests {
    private func twin(_ kind: Activation) -> (Double) -> Double {
        switch kind {
        case .gelu: { $0 * erfc(-$0 / 2.0.squareRoot()) / 2 }
        case .geluTanh: { $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) / 2 }
        case .relu: { max($0, 0) }
        case .silu: { $0 / (1 + exp(-$0)) }
        case .tanh: { tanh($0) }
        }
    }

    @Test("f(gate) times up, whichever of them is trained", arguments: Activation.allCases)
    func product(_ kind: Activation) {
        let twin = twin(kind)
        OperationCheck([("gate", [5, 13]), ("up", [5, 13])], tolerance: 4e-6) { tape, variables in
            tape.gated(variables[0], variables[1], activation: kind)
        } twin: { values in
            values[0].map(twin) * values[1]
        }.verify()
    }

    @Test("one variable may be both")
    func sharedVariable() {
        let twin = twin(.silu)
        OperationCheck([("x", [4, 7])], tolerance: 4e-6) { tape, variables in
            tape.gated(variables[0], variables[0], activation: .silu)
        } twin: { values in
            values[0].map(twin) * values[0]
        }.verify()
    }

    @Test("products that nobody else looks at are given up, and the gradients are the same")
    func givenUp() {
        func gradients(keepsProducts: Bool) -> [[Float]?] {
            let tape = Tape(pool: BufferPool(), isRecording: true)
            let x = tape.leaf(sample([5, 6], "x"))
            let weights = ["gate", "up"].map { tape.leaf(sample([8, 6], $0)) }
            var kept: [Variable] = []
            func product(_ weight: Variable) -> Variable {
                let product = tape.linear(x, weight: weight)
                if keepsProducts { kept.append(product) }
                return product
            }
            let y = tape.gated(product(weights[0]), product(weights[1]), activation: .silu)
            let before = kept.map(\.value.elements)
            tape.backward(from: y, seed: sample([5, 8], "seed"))
            #expect(kept.map(\.value.elements) == before)
            return ([x] + weights).map { tape.gradient(of: $0)?.elements }
        }
        let expected = gradients(keepsProducts: true)
        #expect(expected.allSatisfy { $0?.contains { $0 != 0 } == true })
        #expect(gradients(keepsProducts: false) == expected)
    }
}
