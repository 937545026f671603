/// The order of the rows of queries and keys: halves of a head one after the other, as `transformers` rotates them.
struct GGUFRotation {
    /// The number of heads that the rows are divided into.
    let heads: Int

    /// For every row the one in the file: row j · d/2 + i of a head of d rows is its row 2 i + j.
    ///
    /// - Precondition: every head has an even number of rows.
    func order(of rows: Int) -> [Int] {
        let half = rows / heads / 2
        return (0..<heads).flatMap { head in
            (0..<2).flatMap { side in (0..<half).map { 2 * (head * half + $0) + side } }
        }
    }
}
