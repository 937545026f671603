import PEFTModels
import PEFTTensor

extension LoRACombination {
    /// One LoRA of several: for each module that any of them adapts, its combined A and B with scale 1.
    ///
    /// Adapters may adapt different modules; one that leaves a module out contributes nothing to it. The kinds that add A
    /// to A need equal ranks in each module. The modules are in the order of the blocks, and the dropout is the first
    /// adapter's.
    ///
    /// - Parameter adapters: LoRAs of the same base with their weights, which may be negative.
    /// - Throws: ``LoRACombinationError`` for options or adapters that don't fit together, or for an adapter with elements
    ///   that are not finite.
    public func combine(_ adapters: [(adapter: LoRAWeights, weight: Double)]) throws -> LoRAWeights {
        let merge = tensorMerge(density: try validatedDensity())
        guard let first = adapters.first else { throw LoRACombinationError.noAdapters }
        for (index, weight) in adapters.map(\.weight).enumerated() where !weight.isUsable {
            throw LoRACombinationError.weight(weight, adapter: index + 1)
        }
        if let biased = adapters.firstIndex(where: { !$0.adapter.biases.isEmpty }) {
            throw LoRACombinationError.biases(adapter: biased + 1)
        }
        // An update is what an adapter adds to the untouched base.
        let adapters = adapters.map { (adapter: $0.adapter.convertingStart(), weight: $0.weight) }
        let largestRank = adapters.flatMap(\.adapter.modules).map { $0.down.value.shape[0] }.max() ?? 1
        let modules = try Contributions(adapters).inOrder.map { contributions in
            try combine(contributions, by: merge, rank: rank ?? largestRank)
        }
        return LoRAWeights(modules, dropout: first.adapter.dropout)
    }

    private func combine(
        _ contributions: [Contribution],
        by merge: TensorMerge,
        rank: Int
    ) throws -> LoRAWeights.Module {
        let module = contributions[0].module
        let terms = try terms(contributions)
        let factors: LowRankFactors
        if kind == .concatenation {
            factors = .concatenated(terms)
        } else if kind.isTruncated {
            do {
                factors = try .truncated(
                    terms,
                    by: merge,
                    rank: rank,
                    clampingQuantile: clampingQuantile,
                    path: "\(module.name).update"
                )
            } catch {
                throw LoRACombinationError.notTruncated(module: module.name, reason: error.description)
            }
        } else {
            let ranks = terms.map(\.rank)
            guard Set(ranks).count == 1 else {
                throw LoRACombinationError.unequalRanks(kind, module: module.name, ranks)
            }
            factors = .merged(terms, by: merge, paths: (module.down.path, module.up.path))
        }
        guard (factors.down.elements + factors.up.elements).allSatisfy(\.isFinite) else {
            throw LoRACombinationError.notFinite(module: module.name)
        }
        return LoRAWeights.Module(
            site: module.site,
            name: module.name,
            isEmbedding: module.isEmbedding,
            down: Parameter(module.down.path, factors.down),
            up: Parameter(module.up.path, factors.up),
            scale: 1
        )
    }

    private func terms(_ contributions: [Contribution]) throws(LoRACombinationError) -> [LowRankTerm] {
        let name = contributions[0].module.name
        let sizes = contributions.map { Shape([$0.module.up.value.shape[0], $0.module.down.value.shape[1]]) }
        guard Set(sizes).count == 1 else { throw .unequalSizes(module: name, sizes.map(\.description)) }
        var terms: [LowRankTerm] = []
        for (module, weight, adapter) in contributions {
            guard (weight * Double(module.scale)).isUsable else {
                throw .coefficient(weight * Double(module.scale), adapter: adapter + 1, module: name)
            }
            terms.append(
                LowRankTerm(
                    down: module.down.value,
                    up: module.up.value,
                    scale: module.scale,
                    weight: Float(weight),
                    adapter: adapter
                )
            )
        }
        return terms
    }
}

/// What one adapter has for a module.
private typealias Contribution = (module: LoRAWeights.Module, weight: Double, adapter: Int)

/// What adapters have for each module.
private struct Contributions {
    /// The modules block by block; within a block as the adapters first name them.
    let inOrder: [[Contribution]]

    init(_ adapters: [(adapter: LoRAWeights, weight: Double)]) {
        var indices: [Site: Int] = [:]
        var modules: [[Contribution]] = []
        for (number, entry) in adapters.enumerated() {
            for module in entry.adapter.modules {
                let index = indices[module.site, default: modules.count]
                indices[module.site] = index
                if index == modules.count { modules.append([]) }
                modules[index].append((module, entry.weight, number))
            }
        }
        inOrder = modules.enumerated().sorted { a, b in
            let (first, second) = (a.element[0].module.site.depth, b.element[0].module.site.depth)
            return (first.stack, first.position, a.offset) < (second.stack, second.position, b.offset)
        }.map(\.element)
    }
}

extension Site {
    /// The order in which a forward pass reaches sites, up to that within a block.
    fileprivate var depth: (stack: Int, position: Int) {
        let stack = stack == .encoder ? 0 : 1
        return switch role {
        case .wordEmbedding, .positionEmbedding, .typeEmbedding, .embeddingNorm: (stack, -1)
        default: (stack, block ?? .max)
        }
    }
}

extension Double {
    /// Finite and not zero, also as a 32-bit float.
    fileprivate var isUsable: Bool { Float(self).isFinite && Float(self) != 0 }
}
