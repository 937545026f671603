public import PEFTModels
public import PEFTTensor

extension AdapterBundle {
    /// This adapter at another start: the rows of A are the directions in which the inputs of each target vary most, B is
    /// zero (EVA, Paischer et al. 2024).
    ///
    /// The directions are those of the exact covariance, in one pass over the text, where `peft` follows them batch by batch
    /// until they settle. With ρ above 1, ranks go where a direction explains most of its module's variance: the result
    /// has patterns for them, and modules that got none are no targets any more. Texts count as they are, without padding.
    ///
    /// ```swift
    /// let method = LoRA(rank: 8, initialization: .eva(EVAOptions()))
    /// let fresh = try AdapterBundle(method, for: model, labels: labels)
    /// let adapter = try await fresh.initializingWithEVA(on: model, batches: batches)
    /// ```
    ///
    /// - Parameters:
    ///   - model: the base.
    ///   - batches: texts like those it will be trained on; some thousands of tokens will do.
    ///   - workers: who computes.
    /// - Throws: ``EVAError`` for another method or initialisation, or for too little text; `CancellationError`.
    public func initializingWithEVA(
        on model: some AdaptableModel,
        batches: [TokenBatch],
        workers: WorkerPool = .shared
    ) async throws -> AdapterBundle {
        switch method {
        case let lora as LoRA:
            let start = try await EVAStart(lora, headOf: self, on: model, batches: batches, workers: workers)
            return try started(start.recipe, start, on: model)
        case let dora as DoRA:
            let start = try await EVAStart(dora.lora, headOf: self, on: model, batches: batches, workers: workers)
            return try started(DoRA(start.recipe), start, on: model)
        default:
            throw EVAError.notLoRA(method: type(of: method).name)
        }
    }

    private func started(
        _ method: some AdapterMethod,
        _ start: EVAStart,
        on model: some AdaptableModel
    ) throws -> AdapterBundle {
        var weights = try method.makeWeights(for: model, seed: 0)
        weights.visitParameters { parameter in
            if let rows = start.rows[parameter.path] { parameter.value = rows }
        }
        return AdapterBundle(
            method: method,
            weights: weights,
            modules: modules,
            labels: labels,
            task: task,
            maximumLength: maximumLength
        )
    }
}

/// What EVA makes of a recipe: the recipe with the ranks that the inputs ask for, and A.
struct EVAStart {
    /// The recipe with a rank and an α for every module that is still a target.
    let recipe: LoRA
    /// A of every module by its path.
    let rows: [String: Tensor]

    init(
        _ lora: LoRA,
        headOf adapter: AdapterBundle,
        on model: some AdaptableModel,
        batches: [TokenBatch],
        workers: WorkerPool
    ) async throws {
        guard case .eva(let options) = lora.initialization else {
            throw EVAError.otherInitialization(lora.initialization.name)
        }
        try lora.validate()
        let targets = try lora.selection.resolve(in: model)
        let (ranks, alphas) = (try ModuleValues(lora.rankPatterns), try ModuleValues(lora.alphaPatterns))
        let modules = targets.map { target in
            EVAModule(
                target,
                rank: ranks[target.module] ?? lora.rank,
                alpha: alphas[target.module] ?? lora.alpha,
                redistribution: options.redistribution
            )
        }
        let analysis = try await InputAnalysis(
            of: model,
            headOf: adapter,
            at: Set(targets.map(\.site)),
            batches: batches,
            workers: workers
        )
        let limits = Dictionary(modules.map { ($0.target.site, $0.largestRank) }, uniquingKeysWith: max)
        let directions = try analysis.directions(for: targets, needed: limits)
        let assigned = EVARanks(directions, modules: modules)
        var rows: [String: Tensor] = [:]
        for module in modules {
            guard let own = directions.first(where: { $0.sites.contains(module.target.site) }),
                let rank = assigned[module.target.site]
            else { continue }
            rows["\(module.target.module).lora_A.weight"] = own.directions.rows(rank, whitens: options.whitens)
        }
        self.rows = rows
        recipe = Self.recipe(lora, modules: modules, ranks: assigned, adjustsScales: options.adjustsScales)
    }

    /// The recipe with the new ranks; its targets are as they were, unless some got no rank.
    private static func recipe(
        _ lora: LoRA,
        modules: [EVAModule],
        ranks: EVARanks,
        adjustsScales: Bool
    ) -> LoRA {
        var recipe = lora
        recipe.rankPatterns = []
        recipe.alphaPatterns = []
        let kept = modules.filter { ranks[$0.target.site] != nil }
        for module in kept {
            guard let rank = ranks[module.target.site] else { continue }
            let alpha = adjustsScales ? module.alpha * Double(rank) / Double(module.rank) : module.alpha
            let pattern = ModulePattern.exactly(module.target.module)
            if rank != lora.rank { recipe.rankPatterns.append(.init(pattern, rank)) }
            if alpha != lora.alpha { recipe.alphaPatterns.append(.init(pattern, alpha)) }
        }
        guard kept.count < modules.count else { return recipe }
        recipe.selection = ModuleSelection(
            .names(kept.map(\.target.module)),
            savedModules: lora.selection.savedModules
        )
        return recipe
    }
}
