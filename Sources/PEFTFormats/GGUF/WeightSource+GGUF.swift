import PEFTTensor

extension WeightSource {
    /// The tensors of a GGUF file under the names and in the order of rows that Hugging Face's checkpoints have.
    ///
    /// Matrices of blocks stay encoded; queries and keys of the architecture `llama`, whose rows the file has in another order,
    /// are copied as they are asked for.
    ///
    /// - Throws: ``GGUFError`` for an architecture that is not supported, and for matrices whose rows are no whole heads.
    public init(gguf file: GGUFFile) throws {
        let architecture = try GGUFArchitecture(of: file)
        var table = WeightTable(path: file.path)
        for entry in file.entries where entry.name != GGUFArchitecture.frequencyFactors {
            let key = GGUFArchitecture.huggingFaceName(entry.name)
            guard table.position(of: key) == nil else {
                let reason = "another tensor has the name \(key.quoted) in a Hugging Face checkpoint, too"
                throw GGUFError(path: file.path, place: .tensor(entry.name), reason: reason)
            }
            let rotation = architecture.interleavesHeads ? try file.rotation(of: entry, key: key, architecture) : nil
            table.add(key, .gguf(file, entry, rotation))
        }
        self.init(table)
    }
}

extension GGUFFile {
    /// The order of rows that a tensor has in the file; nil for any but queries and keys.
    fileprivate func rotation(
        of entry: GGUFEntry,
        key: String,
        _ architecture: GGUFArchitecture
    ) throws(GGUFError) -> GGUFRotation? {
        let isKey = key.contains(".self_attn.k_proj.")
        guard isKey || key.contains(".self_attn.q_proj."), let rows = entry.shape.dimensions.first else { return nil }
        let count = "\(architecture.rawValue).attention.head_count"
        guard let queries = try integer(count) else {
            throw GGUFError(path: path, place: .key(count), reason: "it is missing")
        }
        let heads = isKey ? try integer(count + "_kv") ?? queries : queries
        guard heads > 0, rows.isMultiple(of: 2 * heads) else {
            let reason = "its \(rows) rows are not \(heads) heads of an even number of rows"
            throw GGUFError(path: path, place: .tensor(entry.name), reason: reason)
        }
        return GGUFRotation(heads: heads)
    }
}
