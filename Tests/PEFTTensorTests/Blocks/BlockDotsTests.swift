import CKernels
import PEFTTensor
import Testing

@Suite("Products of few rows with encoded weights")
struct BlockDotsTests {
    @Test(
        "each sum is that of the expanded elements, for every number of rows on both sides",
        arguments: KernelVariant.supported,
        BlockType.allCases
    )
    func sums(_ variant: KernelVariant, _ type: BlockType) {
        for (rows, outputs, blocks) in [
            (1, 1, 1), (1, 7, 3), (1, 48, 2), (1, 131, 18), (2, 5, 4), (3, 9, 1), (4, 130, 2),
        ] {
            let inputs = blocks * max(type.blockLength, 32)
            let bytes = type.sampleBlocks(outputs * inputs / type.blockLength)
            let weight = Tensor([outputs, inputs], type, blocks: bytes)
            let x = Tensor([rows, inputs], Samples("x").normal(rows * inputs))
            let y = Tensor(repeating: .nan, [rows, outputs])
            variant.run { multiply(x.matrix, transposing: weight, into: y.matrix) }
            let (w, values) = (type.expandedByTwin(bytes), x.elements)
            for row in 0..<rows {
                for output in 0..<outputs {
                    var (sum, size) = (0.0, 0.0)
                    for index in 0..<inputs {
                        let term = Double(values[row * inputs + index]) * Double(w[output * inputs + index])
                        sum += term
                        size += abs(term)
                    }
                    let found = Double(y.elements[row * outputs + output])
                    #expect(
                        abs(found - sum) <= 1e-6 * size,
                        "\(type), row \(row) of \(rows), output \(output) of \(outputs), \(inputs) inputs"
                    )
                }
            }
        }
    }

    @Test("a team gives what one thread gives, with a bias and an activation, for floats and blocks")
    func team() throws {
        let team = ThreadTeam(threads: 3)
        defer { team.close() }
        for (rows, outputs, inputs) in [(1, 500, 96), (5, 333, 64), (40, 49, 128)] {
            let floats = Tensor([outputs, inputs], Samples("w").normal(outputs * inputs))
            for weight in [floats, try floats.encoded(as: .q80), try floats.encoded(as: .bfloat16)] {
                let x = Tensor([rows, inputs], Samples("x").normal(rows * inputs))
                let bias = Tensor([outputs], Samples("bias").normal(outputs))
                func product(_ team: ThreadTeam?) -> [Float] {
                    let y = Tensor(repeating: 2, [rows, outputs])
                    var fusion = ProductFusion(bias: bias.pointer)
                    fusion.activation = PEFT_SILU
                    multiply(
                        x.matrix,
                        transposing: weight,
                        into: y.matrix,
                        alpha: 0.5,
                        beta: 1,
                        fusing: fusion,
                        team: team
                    )
                    return y.elements
                }
                let (alone, together) = (product(nil), product(team))
                expectAgreement(together, alone.map(Double.init), relative: 1e-5, absolute: 1e-5, "\(rows) rows")
            }
        }
    }
}
