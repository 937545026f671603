/// A matrix in double precision and the schoolbook product.
struct MatrixTwin {
    let rows: Int
    let columns: Int
    var elements: [Double]

    init(_ rows: Int, _ columns: Int, _ elements: [Double]) {
        (self.rows, self.columns, self.elements) = (rows, columns, elements)
    }

    subscript(_ row: Int, _ column: Int) -> Double { elements[row * columns + column] }

    var transposed: MatrixTwin {
        MatrixTwin(columns, rows, (0..<columns).flatMap { c in (0..<rows).map { self[$0, c] } })
    }

    var magnitudes: MatrixTwin { MatrixTwin(rows, columns, elements.map(abs)) }

    static func * (a: MatrixTwin, b: MatrixTwin) -> MatrixTwin {
        MatrixTwin(
            a.rows,
            b.columns,
            (0..<a.rows).flatMap { r in
                (0..<b.columns).map { c in (0..<a.columns).reduce(0) { $0 + a[r, $1] * b[$1, c] } }
            }
        )
    }
}
