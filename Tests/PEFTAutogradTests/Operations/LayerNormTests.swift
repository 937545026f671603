import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Layer norm")
struct LayerNormTests {
    private let rows = 4
    private let width = 9
    private let epsilon: Float = 1e-5

    private func twin(_ h: Matrix, gamma: Matrix, beta: Matrix) -> Matrix {
        let n = Double(width)
        return Matrix(h.rows, width) { row, column in
            let line = (0..<width).map { h[row, $0] }
            let mean = line.reduce(0, +) / n
            let variance = line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
            return gamma[0, column] * (line[column] - mean) / (variance + Double(epsilon)).squareRoot()
                + beta[0, column]
        }
    }

    @Test("the norm of x, or of dropout(x)", arguments: [Float(0), 0.4])
    func alone(rate: Float) {
        let dropout = sampleDropout(rate: rate, rows: rows)
        let mask = multipliers(dropout, rows: rows, width: width)
        OperationCheck([("x", [rows, width]), ("gamma", [width]), ("beta", [width])], tolerance: 5e-6) {
            tape,
            variables in
            tape.layerNorm(
                variables[0],
                dropout: dropout,
                scale: variables[1],
                bias: variables[2],
                epsilon: epsilon
            )
        } twin: { values in
            twin(mask * values[0], gamma: values[1], beta: values[2])
        }.verify()
    }

    @Test("the norm of dropout(x) + residual, where dropout touches only x", arguments: [Float(0), 0.4])
    func withResidual(rate: Float) {
        let dropout = sampleDropout(rate: rate, rows: rows)
        let mask = multipliers(dropout, rows: rows, width: width)
        let shapes: [(name: String, shape: Shape)] = [
            ("x", [rows, width]), ("residual", [rows, width]), ("gamma", [width]), ("beta", [width]),
        ]
        OperationCheck(shapes, tolerance: 5e-6) { tape, variables in
            tape.layerNorm(
                variables[0],
                residual: variables[1],
                dropout: dropout,
                scale: variables[2],
                bias: variables[3],
                epsilon: epsilon
            )
        } twin: { values in
            twin(mask * values[0] + values[1], gamma: values[2], beta: values[3])
        }.verify()
    }

    @Test("a variable may be its own residual", arguments: [Float(0), 0.4])
    func ownResidual(rate: Float) {
        let dropout = sampleDropout(rate: rate, rows: rows)
        let mask = multipliers(dropout, rows: rows, width: width)
        OperationCheck([("x", [rows, width]), ("gamma", [width]), ("beta", [width])], tolerance: 5e-6) {
            tape,
            variables in
            tape.layerNorm(
                variables[0],
                residual: variables[0],
                dropout: dropout,
                scale: variables[1],
                bias: variables[2],
                epsilon: epsilon
            )
        } twin: { values in
            twin(mask * values[0] + values[0], gamma: values[1], beta: values[2])
        }.verify()
    }
}
