import PEFTModels
import PEFTTensor

/// A model's word embeddings, to start a prompt from.
struct WordEmbedding {
    /// The width of a row.
    let width: Int
    private let table: Tensor

    /// - Throws: ``PromptError/noWordEmbedding``.
    init(_ model: some AdaptableModel) throws {
        let module = model.sites.first { $0.site.role == .wordEmbedding }.map(\.module)
        var found: Tensor?
        model.forEachParameter { path, tensor in
            if let module, path == "\(module).weight" { found = tensor }
        }
        guard let found else { throw PromptError.noWordEmbedding }
        table = found
        width = found.shape[1]
    }

    /// Copies of rows, one below the other.
    ///
    /// - Throws: ``PromptError/token(_:count:)`` for a row that is not there.
    func rows(_ indices: [Int]) throws -> Tensor {
        let count = table.shape[0]
        if let bad = indices.first(where: { !(0..<count).contains($0) }) {
            throw PromptError.token(bad, count: count)
        }
        return Tensor([indices.count, width], indices.flatMap { table.rows($0..<($0 + 1)).elements })
    }
}
