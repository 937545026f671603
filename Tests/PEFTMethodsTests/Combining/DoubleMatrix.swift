import PEFTTensor

/// A matrix in double precision.
struct DoubleMatrix {
    let rows: Int
    let columns: Int
    var elements: [Double]

    init(_ rows: Int, _ columns: Int, _ elements: [Double]) {
        (self.rows, self.columns, self.elements) = (rows, columns, elements)
    }

    init(_ tensor: Tensor) {
        self.init(tensor.shape[0], tensor.shape[1], tensor.elements.map(Double.init))
    }

    subscript(_ row: Int, _ column: Int) -> Double { elements[row * columns + column] }

    var norm: Double { elements.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    var transposed: DoubleMatrix {
        DoubleMatrix(columns, rows, (0..<columns).flatMap { c in (0..<rows).map { self[$0, c] } })
    }

    static func * (a: DoubleMatrix, b: DoubleMatrix) -> DoubleMatrix {
        let elements = (0..<a.rows).flatMap { r in
            (0..<b.columns).map { c in (0..<a.columns).reduce(0) { $0 + a[r, $1] * b[$1, c] } }
        }
        return DoubleMatrix(a.rows, b.columns, elements)
    }

    static func * (factor: Double, a: DoubleMatrix) -> DoubleMatrix {
        DoubleMatrix(a.rows, a.columns, a.elements.map { factor * $0 })
    }

    static func - (a: DoubleMatrix, b: DoubleMatrix) -> DoubleMatrix {
        DoubleMatrix(a.rows, a.columns, zip(a.elements, b.elements).map { $0 - $1 })
    }

    /// The largest singular value, by power iteration.
    var largestSingularValue: Double {
        var vector = DoubleMatrix(columns, 1, (0..<columns).map { CounterRandom(key: 5).normal($0) })
        for _ in 0..<300 {
            let next = transposed * (self * vector)
            guard next.norm > 0 else { return 0 }
            vector = 1 / next.norm * next
        }
        return (self * vector).norm
    }

    /// ‖self − other‖ / ‖other‖, or infinity when the shapes differ.
    func distance(to other: DoubleMatrix) -> Double {
        guard rows == other.rows, columns == other.columns, other.norm > 0 else { return .infinity }
        return (self - other).norm / other.norm
    }
}
