import Foundation
public import PEFTModels
public import PEFTTensor

/// Adafactor (Shazeer & Stern 2018) with a given learning rate, as `transformers` computes it with `scale_parameter` and
/// `relative_step` off: for a matrix only the means of rows and columns are kept.
///
/// β = 1 − t^d, s = g² + ε; for a matrix r ← β r + (1 − β) mean over columns of s, c ← β c + (1 − β) mean over rows, and
/// u = g / √(r / mean(r) · c); else v ← β v + (1 − β) s and u = g / √v. Then u ← u / max(1, rms(u) / τ), and
/// θ ← (1 − η λ) θ − η u. λ does not apply to biases and norms.
public struct Adafactor: Optimizer, Equatable {
    /// The name on the command line.
    public static let name = "adafactor"

    /// ε, added to squared gradients.
    public var epsilon: Double
    /// τ, the largest root mean square of an update.
    public var clipThreshold: Double
    /// d, which is negative.
    public var decayRate: Double
    /// λ.
    public var weightDecay: Double

    /// Adafactor with the settings of `transformers`.
    public init(
        epsilon: Double = 1e-30,
        clipThreshold: Double = 1,
        decayRate: Double = -0.8,
        weightDecay: Double = 0
    ) {
        self.epsilon = epsilon
        self.clipThreshold = clipThreshold
        self.decayRate = decayRate
        self.weightDecay = weightDecay
    }

    /// r and c of a matrix, v of anything else.
    public struct State: OptimizerState {
        /// The number of steps in which the parameter got a gradient.
        public var steps = 0
        /// r of a matrix `[rows]`, v of anything else.
        var rows: Tensor
        /// c of a matrix `[columns]`; nil for anything else.
        var columns: Tensor?

        /// Visits what is kept.
        public mutating func visitTensors(_ visit: (String, inout Tensor) throws -> Void) rethrows {
            guard var value = columns.take() else {
                try visit("second_moment", &rows)
                return
            }
            defer { columns = value }
            try visit("second_moment_rows", &rows)
            try visit("second_moment_columns", &value)
        }
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for the first setting out of its range.
    public func validate() throws {
        try TrainingError.require(decay: weightDecay)
        try TrainingError.require(epsilon.isFinite && epsilon > 0, "epsilon", epsilon, "a number above 0")
        try TrainingError.require(clipThreshold > 0, "clip threshold", clipThreshold, "a number above 0")
        try TrainingError.require(decayRate < 0, "decay rate", decayRate, "a number below 0")
    }

    /// All are 0 at the start.
    public func makeState(for parameter: Parameter) -> State {
        let shape = parameter.value.shape
        guard shape.rank == 2 else { return State(rows: .zeros(shape)) }
        return State(rows: .zeros([shape[0]]), columns: .zeros([shape[1]]))
    }

    /// One step of one parameter.
    public func update(_ parameter: inout Parameter, gradient: Tensor, state: inout State, learningRate: Double) {
        state.steps += 1
        let beta = 1 - pow(Double(state.steps), decayRate)
        var update =
            state.columns == nil
            ? scaled(gradient, &state.rows, beta: beta) : factored(gradient, &state, beta: beta)
        let size = (Kernels.sumOfSquares(update) / Double(max(1, update.count))).squareRoot()
        let step = Float(learningRate / max(1, size / clipThreshold))
        let kept = Float(1 - learningRate * (parameter.isDecayed ? weightDecay : 0))
        parameter.value.withUnsafeMutableFloats { value in
            update.withUnsafeMutableFloats { u in
                for i in value.indices { value[i] = kept * value[i] - step * u[i] }
            }
        }
    }

    /// g / √v.
    private func scaled(_ gradient: Tensor, _ moment: inout Tensor, beta: Double) -> Tensor {
        let (kept, taken, epsilon) = (Float(beta), Float(1 - beta), Float(epsilon))
        var update = Tensor.zeros(gradient.shape)
        moment.withUnsafeMutableFloats { v in
            update.withUnsafeMutableFloats { u in
                gradient.withUnsafeFloats { g in
                    for i in v.indices {
                        v[i] = kept * v[i] + taken * (g[i] * g[i] + epsilon)
                        u[i] = g[i] / v[i].squareRoot()
                    }
                }
            }
        }
        return update
    }

    /// g / √(r / mean(r) · c).
    private func factored(_ gradient: Tensor, _ state: inout State, beta: Double) -> Tensor {
        guard var columns = state.columns.take() else { return gradient }
        let (kept, taken, epsilon) = (Float(beta), Float(1 - beta), Float(epsilon))
        let (height, width) = (gradient.shape[0], gradient.shape[1])
        var update = Tensor.zeros(gradient.shape)
        // In double precision: an embedding table has tens of thousands of rows to add up.
        var columnSums = [Double](repeating: 0, count: width)
        state.rows.withUnsafeMutableFloats { r in
            columns.withUnsafeMutableFloats { c in
                update.withUnsafeMutableFloats { u in
                    gradient.withUnsafeFloats { g in
                        for i in 0..<height {
                            var sum = 0.0
                            for j in 0..<width {
                                let square = Double(g[i * width + j] * g[i * width + j] + epsilon)
                                sum += square
                                columnSums[j] += square
                            }
                            r[i] = kept * r[i] + taken * Float(sum / Double(width))
                        }
                        for j in 0..<width { c[j] = kept * c[j] + taken * Float(columnSums[j] / Double(height)) }
                        let mean = Float(r.reduce(0.0) { $0 + Double($1) } / Double(height))
                        for i in 0..<height {
                            let row = (r[i] / mean).squareRoot()
                            for j in 0..<width { u[i * width + j] = g[i * width + j] / (row * c[j].squareRoot()) }
                        }
                    }
                }
            }
        }
        state.columns = columns
        return update
    }
}
