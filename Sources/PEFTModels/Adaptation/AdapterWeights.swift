import PEFTAutograd
import PEFTTensor

/// What a method has trained: named parameters, and what they change in a forward pass.
///
/// A model offers a closed set of slots and asks the adapter at each; all of them default to "no change", so a method
/// implements only its own. Nothing inside the model is ever replaced or mutated.
public protocol AdapterWeights: Sendable {
    /// Visits every trainable parameter, always in the same order; `visit` may change the values.
    mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows

    /// Slot: a trainable tensor in place of the base's tensor of that path.
    func parameter(_ path: String) -> Parameter?

    /// Slot: what changes in a linear map.
    func linear(at site: Site) -> LinearSlots?

    /// Slot: what is added to an embedding look-up.
    func embedding(at site: Site) -> (any EmbeddingDelta)?

    /// Slot: virtual tokens in front of every sequence's word embeddings.
    func virtualTokens(_ context: ForwardContext) -> VirtualTokens?

    /// Slot: virtual keys and values in front of every sequence's own, for the attention `site` belongs to.
    func virtualKeysAndValues(at site: Site, _ context: ForwardContext) -> VirtualKeysAndValues?

    /// Slot: the output of a sub-layer, with its residual input at hand.
    func sublayerOutput(at site: Site) -> (any SublayerAdaptation)?

    /// Other adapters for parts of a batch, in the order of its sequences; nil when this one serves all of them.
    ///
    /// A routed adapter's other slots are never asked: those of its routes are.
    var routes: [AdapterRoute]? { get }

    /// How many positions the virtual keys and values occupy, so that text starts at this position.
    var virtualPositions: Int { get }

    /// How many tokens fewer than the model reads a text may have: what virtual tokens, keys and values take up.
    var reservedPositions: Int { get }
}

extension AdapterWeights {
    /// The base's own tensor.
    public func parameter(_ path: String) -> Parameter? { nil }
    /// The base's own linear map.
    public func linear(at site: Site) -> LinearSlots? { nil }
    /// The base's own embedding.
    public func embedding(at site: Site) -> (any EmbeddingDelta)? { nil }
    /// No virtual tokens.
    public func virtualTokens(_ context: ForwardContext) -> VirtualTokens? { nil }
    /// No virtual keys and values.
    public func virtualKeysAndValues(at site: Site, _ context: ForwardContext) -> VirtualKeysAndValues? { nil }
    /// The base's own sub-layer output.
    public func sublayerOutput(at site: Site) -> (any SublayerAdaptation)? { nil }
    /// One adapter serves all sequences.
    public var routes: [AdapterRoute]? { nil }
    /// None.
    public var virtualPositions: Int { 0 }
    /// As many as ``virtualPositions``; virtual tokens count besides.
    public var reservedPositions: Int { virtualPositions }

    /// All trainable parameters in their stable order.
    public var parameters: [Parameter] {
        var copy = self
        var all: [Parameter] = []
        copy.visitParameters { all.append($0) }
        return all
    }

    /// The number of trainable numbers.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.count } }
}
