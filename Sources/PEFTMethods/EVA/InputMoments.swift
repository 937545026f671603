import PEFTTensor

/// How many inputs a module was given, their mean and how they scatter around it: what their main directions follow from,
/// and all that has to be kept of them.
struct InputMoments: Sendable {
    /// The number of inputs.
    let count: Int
    /// Their mean `[width]`.
    let mean: [Double]
    /// Σ (x − mean) (x − mean)ᵀ, `[width, width]`.
    let scatter: [Double]

    private init(count: Int, mean: [Double], scatter: [Double]) {
        self.count = count
        self.mean = mean
        self.scatter = scatter
    }

    /// The moments of the rows of a matrix.
    init(_ inputs: Tensor) {
        let (rows, width) = (inputs.shape[0], inputs.shape[1])
        var mean = [Double](repeating: 0, count: width)
        var centered = inputs.elements
        for (index, element) in centered.enumerated() { mean[index % width] += Double(element) / Double(rows) }
        for index in centered.indices { centered[index] -= Float(mean[index % width]) }
        let matrix = Tensor([rows, width], centered)
        self.init(
            count: rows,
            mean: mean,
            scatter: product(matrix, matrix, transposedA: true).elements.map(Double.init)
        )
    }

    /// The moments of both sets of inputs together (Chan, Golub & LeVeque 1983).
    ///
    /// - Precondition: they are equally wide.
    func adding(_ other: InputMoments) -> InputMoments {
        let total = Double(count + other.count)
        guard total > 0 else { return self }
        let width = mean.count
        let weight = Double(count) * Double(other.count) / total
        let shift = zip(other.mean, mean).map { $0 - $1 }
        var sum = scatter
        for row in 0..<width {
            for column in 0..<width {
                let index = row * width + column
                sum[index] += other.scatter[index] + weight * shift[row] * shift[column]
            }
        }
        return InputMoments(
            count: count + other.count,
            mean: zip(mean, shift).map { $0 + $1 * Double(other.count) / total },
            scatter: sum
        )
    }

    /// The directions in which the inputs vary, those of most variance first.
    ///
    /// - Throws: `FactorizationError` for inputs that are not finite.
    func directions() throws(FactorizationError) -> MainDirections {
        let width = mean.count
        let total = (0..<width).reduce(0) { $0 + scatter[$1 * width + $1] }
        // As shares of the variance, they are within the range of 32-bit floats.
        let divisor = total > 0 ? total : 1
        let shares = Tensor([width, width], scatter.map { Float($0 / divisor) })
        let decomposition = try SymmetricEigendecomposition(of: shares)
        return MainDirections(
            vectors: decomposition.vectors,
            shares: decomposition.values.map { max(0, Double($0)) },
            variance: total
        )
    }
}

/// Orthonormal directions with the share of the variance that lies in each.
struct MainDirections: Sendable {
    /// A direction in each row, `[width, width]`.
    let vectors: Tensor
    /// Each direction's share of the variance, the largest first.
    let shares: [Double]
    /// The sum of squares of all centred inputs.
    let variance: Double

    /// The first directions as A `[rank, width]`.
    ///
    /// - Parameter whitens: whether each is divided by the root of its singular value.
    func rows(_ rank: Int, whitens: Bool) -> Tensor {
        let width = vectors.shape[1]
        let elements = vectors.rows(0..<rank).elements
        guard whitens else { return Tensor([rank, width], elements) }
        let divisors = shares.prefix(rank).map { max(($0 * variance).squareRoot(), .leastNormalMagnitude).squareRoot() }
        return Tensor([rank, width], elements.enumerated().map { Float(Double($1) / divisors[$0 / width]) })
    }
}
