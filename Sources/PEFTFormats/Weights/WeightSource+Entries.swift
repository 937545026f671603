extension WeightSource {
    /// What the checkpoint's files say of its tensors, file by file in the order of their bytes; whether anybody asked
    /// for a tensor plays no part.
    package var entries: [(file: String, entry: SafetensorsEntry)] {
        table.origins.compactMap { origin in
            guard case .file(let file, let entry) = origin else { return nil }
            return (file.path, entry)
        }
    }
}
