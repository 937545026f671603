import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Root-mean-square norm")
struct RMSNormTests {
    private let epsilon: Float = 0.05

    private func twin(_ x: Matrix, scale: Matrix) -> Matrix {
        let width = scale.columns
        return Matrix(x.rows, x.columns) { row, column in
            let start = column / width * width
            let square = (start..<start + width).reduce(0.0) { $0 + x[row, $1] * x[row, $1] } / Double(width)
            return scale[0, column - start] * x[row, column] / (square + Double(epsilon)).squareRoot()
        }
    }

    @Test("whole rows, or groups of columns that share one scale", arguments: [1, 2, 3])
    func groups(count: Int) {
        OperationCheck([("x", [4, count * 9]), ("scale", [9])], tolerance: 5e-6) { tape, variables in
            tape.rmsNorm(variables[0], scale: variables[1], epsilon: epsilon)
        } twin: { values in
            twin(values[0], scale: values[1])
        }.verify()
    }

    @Test("groups of one column keep the sign alone")
    func signs() {
        OperationCheck([("x", [3, 5]), ("scale", [1])], tolerance: 5e-6) { tape, variables in
            tape.rmsNorm(variables[0], scale: variables[1], epsilon: epsilon)
        } twin: { values in
            twin(values[0], scale: values[1])
        }.verify()
    }

    @Test("a residual's gradient is added to, not replaced")
    func ontoResidual() {
        OperationCheck([("x", [4, 9]), ("scale", [9])], tolerance: 5e-6) { tape, variables in
            // The sum's gradient reaches x before the norm's does.
            tape.add(variables[0], tape.rmsNorm(variables[0], scale: variables[1], epsilon: epsilon))
        } twin: { values in
            values[0] + twin(values[0], scale: values[1])
        }.verify()
    }

    @Test("no rows give no rows, and a scale's gradient of zero")
    func noRows() {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let scale = tape.leaf(sample([4], "scale"))
        let y = tape.rmsNorm(Variable(.zeros([0, 8])), scale: scale, epsilon: epsilon)
        #expect(y.shape == [0, 8])
        tape.backward(from: y, seed: .zeros([0, 8]))
        #expect(tape.gradient(of: scale)?.elements == [0, 0, 0, 0])
    }
}
