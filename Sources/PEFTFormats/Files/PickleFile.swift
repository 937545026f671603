/// Python pickles, which can run code when they are read and so are never opened, known by their names.
package enum PickleFile {
    private static let extensions = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"]

    /// Whether a file is a pickle by its name.
    package static func hasName(_ name: String) -> Bool {
        let small = name.lowercased()
        return extensions.contains(where: small.hasSuffix)
    }

    /// What errors say of one.
    ///
    /// - Parameter refusal: what is not done with it, as in `is not opened here`.
    package static func remedy(_ name: String, refusal: String) -> String {
        "\(name) is a Python pickle, which can run code when it is read and \(refusal); load it in Python and save it again "
            + "with save_pretrained(folder, safe_serialization=True)"
    }
}
