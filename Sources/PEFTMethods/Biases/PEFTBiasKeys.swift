/// What `peft` calls the copies of a bias in a module that is trained as a whole.
struct PEFTBiasKeys {
    private let entries: [String]

    /// - Parameter savedModules: what the recipe saves as a whole; the heads of classifiers are always.
    init(_ savedModules: [String]) {
        entries = savedModules + ["classifier", "score"]
    }

    /// The copy that is trained. `peft` stores it twice, under this name and the plain one, and reads the plain one.
    func trained(_ path: String) -> String {
        guard let (module, rest) = split(path) else { return path }
        // peft takes its adapter's name out of a key only where one part follows it.
        return module + (rest.contains(".") ? ".modules_to_save.default." : ".modules_to_save.") + rest
    }

    /// What the base had.
    func original(_ path: String) -> String {
        guard let (module, rest) = split(path) else { return path }
        return module + ".original_module." + rest
    }

    /// The module around the bias that is saved as a whole, and what follows it; nil for a path that is no bias.
    private func split(_ path: String) -> (module: String, rest: String)? {
        guard path.hasSuffix(".bias") else { return nil }
        let dots = path.indices.filter { path[$0] == "." }
        let named = dots.first { dot in entries.contains { path[..<dot].hasSuffix($0) } }
        guard let dot = named ?? dots.last else { return nil }
        return (String(path[..<dot]), String(path[path.index(after: dot)...]))
    }
}
