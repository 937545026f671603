public import PEFTModels
import PEFTTensor

/// A, B and m of every adapted module, and the biases that are trained with them.
public struct DoRAWeights: AdapterWeights {
    /// A and B, and the biases.
    public private(set) var lora: LoRAWeights
    /// m `[outputs]` of every module of ``lora``, in its order.
    public private(set) var magnitudes: [Parameter]
    /// The norms of every module's rows.
    ///
    /// Invariant: an element belongs to one value of its module's A and B. These change only through
    /// ``visitParameters(_:)``, which puts fresh elements here; copies of these weights share theirs as long as nobody
    /// changes them. So norms are computed once per step, and once for all of inference.
    private var norms: [RowNormCache]
    private let indices: [Site: Int]

    /// - Parameter base: the weights of the adapted modules by their paths.
    init(_ lora: LoRAWeights, base: [String: Tensor]) {
        self.lora = lora
        norms = lora.modules.map { _ in RowNormCache() }
        magnitudes = zip(lora.modules, norms).map { module, norms in
            let path = "\(module.name).lora_magnitude_vector"
            guard let weight = base["\(module.name).weight"], let delta = lora.lowRankDelta(at: module.site) else {
                preconditionFailure("the linear map \(module.name) has a weight")
            }
            return Parameter(path, norms.norms(of: weight, delta))
        }
        indices = Dictionary(
            lora.modules.enumerated().map { ($1.site, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Visits A, then B, module by module, then the biases, then m, module by module.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        defer { norms = norms.map { $0.renewed() } }
        try lora.visitParameters(visit)
        for index in magnitudes.indices { try visit(&magnitudes[index]) }
    }

    /// A trained bias.
    public func parameter(_ path: String) -> Parameter? { lora.parameter(path) }

    /// (m / n) ⊙ (W x + s · B A x), where the site is adapted.
    public func linear(at site: Site) -> LinearSlots? {
        guard let index = indices[site], let delta = lora.lowRankDelta(at: site) else { return nil }
        return LinearSlots(
            product: .exclusive(DoRAProduct(delta: delta, magnitude: magnitudes[index], norms: norms[index]))
        )
    }
}
