import PEFTTensor

extension Tensor {
    /// The matrix with its rows as columns, in memory of its own.
    func transposed() -> Tensor {
        let (rows, columns) = (shape[0], shape[1])
        let result = Tensor(uninitialized: [columns, rows])
        let (from, to) = (pointer, result.mutablePointer)
        // Squares of both matrices stay in the cache.
        let side = 32
        for firstRow in stride(from: 0, to: rows, by: side) {
            for firstColumn in stride(from: 0, to: columns, by: side) {
                for row in firstRow..<min(rows, firstRow + side) {
                    for column in firstColumn..<min(columns, firstColumn + side) {
                        to[column * rows + row] = from[row * columns + column]
                    }
                }
            }
        }
        return result
    }
}
