import PEFTTensor

/// A matrix in double precision, for twins of operations; a vector is one row.
struct Matrix {
    let rows: Int
    let columns: Int
    var elements: [Double]

    init(_ rows: Int, _ columns: Int, _ elements: [Double]) {
        precondition(elements.count == rows * columns)
        (self.rows, self.columns, self.elements) = (rows, columns, elements)
    }

    init(_ rows: Int, _ columns: Int, _ element: (_ row: Int, _ column: Int) -> Double) {
        (self.rows, self.columns) = (rows, columns)
        elements = []
        elements.reserveCapacity(rows * columns)
        for row in 0..<rows {
            for column in 0..<columns { elements.append(element(row, column)) }
        }
    }

    init(_ tensor: Tensor) {
        let isVector = tensor.shape.rank == 1
        self.init(
            isVector ? 1 : tensor.shape[0],
            isVector ? tensor.shape[0] : tensor.shape[1],
            tensor.elements.map(Double.init)
        )
    }

    subscript(_ row: Int, _ column: Int) -> Double { elements[row * columns + column] }

    var transposed: Matrix { Matrix(columns, rows) { self[$1, $0] } }

    func map(_ transform: (Double) -> Double) -> Matrix { Matrix(rows, columns, elements.map(transform)) }

    static func + (a: Matrix, b: Matrix) -> Matrix { Matrix(a.rows, a.columns, zip(a.elements, b.elements).map(+)) }

    /// Element by element.
    static func * (a: Matrix, b: Matrix) -> Matrix { Matrix(a.rows, a.columns, zip(a.elements, b.elements).map(*)) }

    static func * (a: Double, b: Matrix) -> Matrix { b.map { a * $0 } }

    /// The matrix product.
    func times(_ b: Matrix) -> Matrix {
        Matrix(rows, b.columns) { row, column in
            var sum = 0.0
            for k in 0..<columns { sum += self[row, k] * b[k, column] }
            return sum
        }
    }

    /// Adds a vector to every row.
    func addingRow(_ row: Matrix) -> Matrix { Matrix(rows, columns) { self[$0, $1] + row[0, $1] } }
}
