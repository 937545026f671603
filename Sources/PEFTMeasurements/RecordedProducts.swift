public import PEFTTensor

/// Every matrix product that the process computed in a while, to be computed once more with nothing in between.
public struct RecordedProducts: Sendable {
    private let shapes: [(shape: ProductShape, count: Int)]

    /// Begins to note products.
    public static func begin() { MultiplyCounter.recordShapes() }

    /// What was computed since ``begin()``.
    public static func end() -> RecordedProducts {
        RecordedProducts(shapes: MultiplyCounter.recordedShapes().map { ($0.key, $0.value) })
    }

    /// The number of products.
    public var count: Int { shapes.reduce(0) { $0 + $1.count } }

    /// Their floating-point operations, two for each multiply–add.
    public var flops: Int {
        shapes.reduce(0) { $0 + 2 * $1.count * $1.shape.rows * $1.shape.columns * $1.shape.depth }
    }

    /// Computes all of them, an equal part of every shape on each worker, all workers at once.
    ///
    /// - Returns: the seconds of the worker that took longest, without the time for making matrices.
    public func seconds(on workers: WorkerPool) async throws -> Double {
        let parts = (0..<workers.count).map { index in
            shapes.map { ($0.shape, $0.count * (index + 1) / workers.count - $0.count * index / workers.count) }
        }
        let times = try await workers.map(parts) { part, _ in
            part.reduce(0.0) { total, next in
                let run = next.0.prepared()
                run()
                let clock = ContinuousClock()
                return total + clock.measure { for _ in 0..<next.1 { run() } } / .seconds(1)
            }
        }
        return times.max() ?? 0
    }
}

extension ProductShape {
    /// A product of this shape, of matrices of its own.
    fileprivate func prepared() -> () -> Void {
        let (leftRows, leftColumns) = leftIsTransposed ? (depth, rows) : (rows, depth)
        let (rightRows, rightColumns) = rightIsTransposed ? (columns, depth) : (depth, columns)
        let left = Tensor.noise([leftRows, strides[0]])
        let right = Tensor.noise([rightRows, strides[1]])
        let result = Tensor.zeros([rows, strides[2]])
        let a = MatrixView(
            left.pointer,
            rows: leftRows,
            columns: leftColumns,
            stride: strides[0],
            isTransposed: leftIsTransposed
        )
        let b = MatrixView(
            right.pointer,
            rows: rightRows,
            columns: rightColumns,
            stride: strides[1],
            isTransposed: rightIsTransposed
        )
        let c = MatrixView(result.pointer, rows: rows, columns: columns, stride: strides[2])
        // Results must not grow without bound.
        let beta = min(self.beta, 0.5)
        return {
            multiply(a, b, into: c, beta: beta)
            withExtendedLifetime((left, right, result)) {}
        }
    }
}
