import PEFTModels

/// The kinds of module that a method can adapt.
public struct ModuleKinds: OptionSet, Sendable {
    /// The set as bits.
    public let rawValue: Int

    /// A set from its bits.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Linear maps.
    public static let linear = ModuleKinds(rawValue: 1)
    /// Embedding tables.
    public static let embedding = ModuleKinds(rawValue: 2)
    /// Normalisations.
    public static let norm = ModuleKinds(rawValue: 4)

    /// Whether a module is of one of these kinds.
    func contains(_ kind: SiteDescription.Kind) -> Bool {
        switch kind {
        case .linear: contains(.linear)
        case .embedding: contains(.embedding)
        case .norm: contains(.norm)
        }
    }

    /// One module of these kinds, as in `a linear map or an embedding table`.
    var inWords: String {
        let words: [(ModuleKinds, String)] = [
            (.linear, "a linear map"), (.embedding, "an embedding table"), (.norm, "a norm"),
        ]
        return words.filter { contains($0.0) }.map(\.1).joined(separator: " or ")
    }
}
