import PEFTAutograd
import PEFTTensor
import Testing

/// An operation in two forms: on a tape in single precision, and as a plain formula in double precision.
///
/// Gradients are held to central differences of the formula, for every choice of inputs that are tracked, with fresh
/// gradients and with gradients that already hold something.
struct OperationCheck {
    /// The inputs' names and values.
    let inputs: [(name: String, value: Tensor)]
    /// Records the operation.
    let operation: (Tape, [Variable]) -> Variable
    /// Computes the same.
    let twin: ([Matrix]) -> Matrix
    /// The largest error of an element, relative to the largest element, or to 0.2 where all are smaller: sums that
    /// cancel keep the error of their terms.
    var tolerance = 2e-6

    init(
        _ inputs: [(name: String, shape: Shape)],
        tolerance: Double = 2e-6,
        operation: @escaping (Tape, [Variable]) -> Variable,
        twin: @escaping ([Matrix]) -> Matrix
    ) {
        self.inputs = inputs.map { ($0.name, sample($0.shape, $0.name)) }
        self.operation = operation
        self.twin = twin
        self.tolerance = tolerance
    }

    /// Checks output and gradients; every subset of the inputs is tracked once.
    func verify(_ context: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
        let values = inputs.map { Matrix($0.value) }
        let output = twin(values)
        let seed = sample([output.rows, output.columns], "seed")
        let gradients = inputs.indices.map { differentiate(values, at: $0, seed: Matrix(seed)) }
        for subset in 0..<(1 << inputs.count) {
            let tracked = inputs.indices.map { subset >> $0 & 1 == 1 }
            let names = zip(inputs, tracked).filter(\.1).map(\.0.name).joined(separator: ", ")
            for isUsedTwice in [false, true] {
                let pass = Pass(self, tracked: tracked, isUsedTwice: isUsedTwice, seed: seed)
                let note = "\(context) tracking \(names)\(isUsedTwice ? ", used twice" : "")"
                // Used twice, the result is y + 2 y.
                let factor = isUsedTwice ? 3.0 : 1
                expectClose(pass.output, factor * output, "output, \(note)", sourceLocation)
                for (index, gradient) in pass.gradients.enumerated() {
                    guard let gradient else {
                        #expect(
                            !tracked[index],
                            "no gradient of \(inputs[index].name), \(note)",
                            sourceLocation: sourceLocation
                        )
                        continue
                    }
                    #expect(
                        tracked[index],
                        "a gradient of \(inputs[index].name), \(note)",
                        sourceLocation: sourceLocation
                    )
                    #expect(gradient.shape == inputs[index].value.shape, sourceLocation: sourceLocation)
                    expectClose(
                        gradient,
                        factor * gradients[index],
                        "gradient of \(inputs[index].name), \(note)",
                        sourceLocation
                    )
                }
                #expect((subset == 0) == (pass.recorded == 0), "\(note)", sourceLocation: sourceLocation)
                #expect(pass.inputsAreUnchanged, "an input was written to, \(note)", sourceLocation: sourceLocation)
            }
        }
    }

    /// One forward and backward pass.
    private struct Pass {
        let output: Tensor
        let gradients: [Tensor?]
        let recorded: Int
        let inputsAreUnchanged: Bool

        init(_ check: OperationCheck, tracked: [Bool], isUsedTwice: Bool, seed: Tensor) {
            let tape = Tape(pool: BufferPool(), isRecording: true)
            let copies = check.inputs.map { Tensor($0.value.shape, $0.value.elements) }
            let variables = zip(copies, tracked).map { $1 ? tape.leaf($0) : Variable($0) }
            var y = check.operation(tape, variables)
            if isUsedTwice { y = tape.add(y, check.operation(tape, variables), scaledBy: 2) }
            output = Tensor(y.shape, y.value.elements)
            recorded = tape.count
            if y.isTracked { tape.backward(from: y, seed: seed.reshaped(y.shape)) }
            gradients = variables.map { tape.gradient(of: $0) }
            inputsAreUnchanged = zip(copies, check.inputs).allSatisfy { $0.elements == $1.value.elements }
        }
    }

    /// ∂/∂input of Σ seed · twin, by central differences.
    private func differentiate(_ values: [Matrix], at index: Int, seed: Matrix) -> Matrix {
        func objective(_ values: [Matrix]) -> Double {
            zip(seed.elements, twin(values).elements).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let step = 1e-4
        var gradient = values[index]
        for element in gradient.elements.indices {
            var (above, below) = (values, values)
            above[index].elements[element] += step
            below[index].elements[element] -= step
            gradient.elements[element] = (objective(above) - objective(below)) / (2 * step)
        }
        return gradient
    }

    private func expectClose(_ actual: Tensor, _ expected: Matrix, _ what: String, _ sourceLocation: SourceLocation) {
        let largest = expected.elements.reduce(0.2) { max($0, abs($1)) }
        let worst = zip(actual.elements, expected.elements).map { abs(Double($0) - $1) / largest }
            .reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
        #expect(actual.count == expected.elements.count, "\(what)", sourceLocation: sourceLocation)
        #expect(worst <= tolerance, "\(what)", sourceLocation: sourceLocation)
    }
}
