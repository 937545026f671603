public import PEFTModels

/// Several methods trained together as one, phase by phase: Prefix + Adapter + LoRA as in UniPELT (Mao et al. 2022),
/// Prefix + parallel Adapter as in MAM (He et al. 2022).
///
/// Input scales, additive deltas and output scales of all parts apply; what only one adapter can do at a place, such as
/// DoRA's product or a trained tensor in place of the base's, may be claimed once.
///
/// ```swift
/// let method = Stacked([Prefix(virtualTokens: 10), LoRA(rank: 8)])
/// ```
public struct Stacked: AdapterMethod {
    /// `stacked`.
    public static let name = "stacked"

    /// The parts, in their order.
    public let methods: [any AdapterMethod]

    /// A stack of methods.
    public init(_ methods: [any AdapterMethod]) {
        self.methods = methods
    }

    /// What the parts say.
    public var savedModules: [String] {
        var seen: Set<String> = []
        return methods.flatMap(\.savedModules).filter { seen.insert($0).inserted }
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``StackError/empty``, or what a part throws.
    public func validate() throws {
        guard !methods.isEmpty else { throw StackError.empty }
        for method in methods { try method.validate() }
    }

    /// The weights of every part; each draws from its own seed.
    ///
    /// - Throws: ``StackError`` where two parts claim the same slot, or what a part throws.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> StackedWeights {
        try validate()
        let parts = try methods.enumerated().map { index, method in
            StackedWeights.Part(name: names[index], weights: try Self.fresh(method, model, seed &+ UInt64(index)))
        }
        return try StackedWeights(parts, on: model)
    }

    private static func fresh(
        _ method: some AdapterMethod,
        _ model: some AdaptableModel,
        _ seed: UInt64
    ) throws -> any AdapterWeights {
        try method.makeWeights(for: model, seed: seed)
    }

    /// What the parts are called in errors and on disk: the method's name, with a number from the second of its kind on.
    var names: [String] {
        var counts: [String: Int] = [:]
        return methods.map { method in
            let name = type(of: method).name
            counts[name, default: 0] += 1
            return counts[name] == 1 ? name : "\(name)-\(counts[name] ?? 0)"
        }
    }
}

/// A stack that cannot be.
public enum StackError: Error, CustomStringConvertible {
    /// No parts.
    case empty
    /// Two parts want what only one can have.
    case conflict(place: String, first: String, second: String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .empty: "a stack needs at least one method"
        case .conflict(let place, let first, let second):
            "\(first) and \(second) both claim \(place), which only one adapter can have; "
                + "choose other targets for one of them"
        }
    }
}
