public import PEFTModels

/// A recipe for an adapter: what is trained and how it starts. It is also the adapter's configuration on disk.
///
/// Conform to it for a method of your own; ``AdapterRegistry`` makes it known to files and to the command line.
public protocol AdapterMethod: Codable, Sendable {
    /// What the method trains.
    associatedtype Weights: AdapterWeights

    /// The method's name on the command line, for instance `lora`.
    static var name: String { get }

    /// Says what makes no sense in the recipe whatever the model, before a model is opened.
    ///
    /// - Throws: an error that names the setting and what was expected.
    func validate() throws

    /// Fresh weights for a model.
    ///
    /// - Parameters:
    ///   - model: the base; its sites say where the method can act.
    ///   - seed: each parameter's start is a function of the seed and its path.
    /// - Throws: when the recipe does not fit the model, for instance because a target matches nothing.
    func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> Weights

    /// Modules that are trained and saved as a whole beside the method and the head, by the ends of their names.
    var savedModules: [String] { get }
}

extension AdapterMethod {
    /// Nothing is wrong.
    public func validate() throws {}

    /// None.
    public var savedModules: [String] { [] }
}
