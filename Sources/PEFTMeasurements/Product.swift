import PEFTTensor

/// A matrix product as a training step computes it: C ← A B + β C, with A `[rows, inner]` and B `[inner, columns]`.
public struct Product: Sendable {
    /// Which of A and B lie transposed in memory.
    enum Layout {
        /// x Wᵀ, a forward pass
        case transposedRight
        /// dy W, the gradient of an input
        case plain
        /// dyᵀ x, the gradient of a weight
        case transposedLeft
    }

    /// What it computes, with its sizes.
    public let name: String
    /// The rows of C.
    public let rows: Int
    /// The columns of C.
    public let columns: Int
    /// The columns of A.
    public let inner: Int
    /// How often a block that has blocks below and above it computes it in a LoRA step on query and value.
    public let timesInLoRAStep: Int
    let layout: Layout
    let beta: Float
    /// Where there is a product for each head of each sequence: columns of `[tokens, width]` matrices, and one matrix of
    /// scores that all heads use in turn. Nil when A, B and C are matrices of their own.
    let heads: EncoderShape?

    init(
        _ role: String,
        _ rows: Int,
        _ columns: Int,
        _ inner: Int,
        _ layout: Layout,
        times: Int,
        beta: Float = 0,
        heads: EncoderShape? = nil
    ) {
        name = "\(role) \(rows)×\(columns)×\(inner)"
        (self.rows, self.columns, self.inner) = (rows, columns, inner)
        (self.layout, self.beta, self.heads) = (layout, beta, heads)
        timesInLoRAStep = times
    }

    /// How many matrix products a run is: one, or one for each head of each sequence.
    public var count: Int { heads.map { $0.heads * $0.sequences } ?? 1 }

    /// Floating-point operations of a run: 2 · rows · columns · inner for each of its products.
    public var flops: Int { 2 * rows * columns * inner * count }

    /// The product as something to run.
    public var workload: Workload {
        let elements = rows * inner + inner * columns + (beta == 0 ? 1 : 2) * rows * columns
        let bytes = MemoryLayout<Float>.stride * elements * count
        let touched = MemoryLayout<Float>.stride * (rows * inner + inner * columns + rows * columns)
        return Workload(name: name, flops: flops, bytes: bytes, workingSet: touched) {
            heads.map(prepareHeads) ?? prepareWhole()
        }
    }

    private func prepareWhole() -> () -> Void {
        let left = Tensor.noise(layout == .transposedLeft ? [inner, rows] : [rows, inner])
        let right = Tensor.noise(layout == .transposedRight ? [columns, inner] : [inner, columns])
        let result = Tensor.zeros([rows, columns])
        let a = layout == .transposedLeft ? left.matrix.transposed : left.matrix
        let b = layout == .transposedRight ? right.matrix.transposed : right.matrix
        return {
            multiply(a, b, into: result.matrix, beta: beta)
            withExtendedLifetime((left, right)) {}
        }
    }

    private func prepareHeads(of shape: EncoderShape) -> () -> Void {
        let scores = Tensor.noise([shape.length, shape.length])
        let (left, right, result) = (
            Tensor.noise([shape.tokens, shape.width]), Tensor.noise([shape.tokens, shape.width]),
            Tensor.zeros([shape.tokens, shape.width])
        )
        func head(_ matrix: Tensor, _ sequence: Int, _ head: Int) -> MatrixView {
            MatrixView(
                matrix.pointer + sequence * shape.length * shape.width + head * shape.headWidth,
                rows: shape.length,
                columns: shape.headWidth,
                stride: shape.width
            )
        }
        return {
            for sequence in 0..<shape.sequences {
                for number in 0..<shape.heads {
                    let (b, c) = (head(right, sequence, number), head(result, sequence, number))
                    switch layout {
                    case .transposedRight:
                        multiply(head(left, sequence, number), b.transposed, into: scores.matrix)
                    case .plain: multiply(scores.matrix, b, into: c)
                    case .transposedLeft: multiply(scores.matrix.transposed, b, into: c)
                    }
                }
            }
        }
    }
}

extension Tensor {
    /// Numbers of both signs around 0, the same every time.
    static func noise(_ shape: Shape) -> Tensor {
        CounterRandom(seed: 0, purpose: "measurements").uniform(shape, bound: 1)
    }
}
