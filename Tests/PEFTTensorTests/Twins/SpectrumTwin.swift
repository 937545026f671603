import PEFTTensor

/// Matrices whose factorisations are known, made in double precision.
enum SpectrumTwin {
    /// H₁ diag(σ) H₂ `[rows, columns]` with Householder reflections H: its singular values are |σ|.
    static func matrix(_ rows: Int, _ columns: Int, singularValues: [Double]) -> MatrixTwin {
        var scaled = MatrixTwin(rows, columns, Array(repeating: 0, count: rows * columns))
        for (at, value) in singularValues.enumerated() { scaled.elements[at * columns + at] = value }
        return reflection(rows, "left") * scaled * reflection(columns, "right")
    }

    /// H diag(λ) H: symmetric, with eigenvalues λ.
    static func symmetric(eigenvalues: [Double]) -> MatrixTwin {
        let size = eigenvalues.count
        var scaled = MatrixTwin(size, size, Array(repeating: 0, count: size * size))
        for (at, value) in eigenvalues.enumerated() { scaled.elements[at * size + at] = value }
        let reflection = reflection(size, "both")
        return reflection * scaled * reflection
    }

    /// I − 2 v vᵀ / vᵀv with a random v: orthogonal, symmetric, and nowhere zero.
    private static func reflection(_ size: Int, _ purpose: String) -> MatrixTwin {
        let v = Samples(purpose).normal(size).doubles
        let norm = v.reduce(0) { $0 + $1 * $1 }
        return MatrixTwin(
            size,
            size,
            (0..<size * size).map { at in
                let (row, column) = (at / size, at % size)
                return (row == column ? 1 : 0) - 2 * v[row] * v[column] / norm
            }
        )
    }
}

extension MatrixTwin {
    /// A rank-2 tensor's elements.
    init(_ tensor: Tensor) {
        self.init(tensor.shape[0], tensor.shape[1], tensor.elements.doubles)
    }

    /// diag(`elements`).
    init(diagonal elements: [Float]) {
        let size = elements.count
        self.init(size, size, (0..<size * size).map { $0 / size == $0 % size ? Double(elements[$0 / size]) : 0 })
    }

    /// The elements rounded to 32 bits.
    var tensor: Tensor { Tensor([rows, columns], elements.map { Float($0) }) }

    /// The Frobenius norm.
    var norm: Double { elements.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    static func - (a: MatrixTwin, b: MatrixTwin) -> MatrixTwin {
        MatrixTwin(a.rows, a.columns, zip(a.elements, b.elements).map { $0 - $1 })
    }

    /// How far the columns are from orthonormal: ‖AᵀA − I‖ / ‖I‖.
    var orthonormalityError: Double {
        let identity = MatrixTwin(diagonal: Array(repeating: 1, count: columns))
        return (transposed * self - identity).norm / identity.norm
    }
}
