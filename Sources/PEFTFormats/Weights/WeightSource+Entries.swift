extension WeightSource {
    /// What the checkpoint's files say of its tensors, file by file in the order of their bytes; whether anybody asked
    /// for a tensor plays no part.
    package var entries: [(file: String, entry: SafetensorsEntry)] {
        table.origins.flatMap { origin -> [(file: String, entry: SafetensorsEntry)] in
            switch origin {
            case .file(let file, let entry): [(file.path, entry)]
            case .quantized(_, let parts): parts.map { ($0.file.path, $0.entry) }
            case .gguf, .memory: []
            }
        }
    }
}
