import PEFTAutograd
import PEFTModels
import PEFTTensor

/// The main directions of what a model's linear maps are given; maps of the same input share one analysis.
struct InputAnalysis: Sendable {
    /// The linear maps of one input.
    struct Group: Sendable {
        let sites: [Site]
        var moments: InputMoments
    }

    private let groups: [Group]

    /// Runs the bare base over some text.
    ///
    /// - Parameters:
    ///   - adapter: whose head is used.
    ///   - sites: the linear maps that are looked at.
    /// - Throws: ``EVAError/unreadable(batch:reason:)`` or `CancellationError`.
    init(
        of model: some AdaptableModel,
        headOf adapter: AdapterBundle,
        at sites: Set<Site>,
        batches: [TokenBatch],
        workers: WorkerPool
    ) async throws {
        for (index, batch) in batches.enumerated() { try Self.check(batch, index: index, model) }
        var groups: [Group] = []
        // Batches are added in their order, so that the sums do not depend on the number of workers.
        for start in stride(from: 0, to: batches.count, by: workers.count) {
            let some = Array(batches[start..<min(start + workers.count, batches.count)])
            let results = try await workers.map(some) { batch, worker in
                let recorder = InputRecorder()
                let context = ForwardContext(
                    tape: Tape(pool: worker.pool, isRecording: false),
                    adapter: RecordingAdapter(modules: adapter, sites: sites, recorder: recorder),
                    computesAllRows: true
                )
                try Self.run(model, as: adapter.task, batch, context)
                return recorder.entries.map { Group(sites: $0.sites, moments: InputMoments($0.input)) }
            }
            for result in results {
                guard !groups.isEmpty else {
                    groups = result
                    continue
                }
                for (index, group) in result.enumerated() {
                    groups[index].moments = groups[index].moments.adding(group.moments)
                }
            }
        }
        self.groups = groups
    }

    /// The directions for each target by its site.
    ///
    /// - Throws: ``EVAError`` when there is too little text.
    func directions(
        for targets: [SiteDescription],
        needed: [Site: Int]
    ) throws(EVAError) -> [(sites: [Site], directions: MainDirections)] {
        let names = Dictionary(targets.map { ($0.site, $0.module) }, uniquingKeysWith: { first, _ in first })
        if let missed = targets.first(where: { target in !groups.contains { $0.sites.contains(target.site) } }) {
            throw .noInputs(module: missed.module)
        }
        var all: [(sites: [Site], directions: MainDirections)] = []
        for group in groups {
            let module = names[group.sites[0]] ?? ""
            let count = group.sites.compactMap { needed[$0] }.max() ?? 0
            guard group.moments.count > count else {
                throw .tooFewTokens(group.moments.count, needed: count, module: module)
            }
            do {
                all.append((group.sites, try group.moments.directions()))
            } catch {
                throw .notDecomposed(module: module, reason: error.description)
            }
        }
        return all
    }

    /// The forward pass that the adapter's task has; a language model's ends before its output layer.
    private static func run(
        _ model: some AdaptableModel,
        as task: PredictionTask,
        _ batch: TokenBatch,
        _ context: ForwardContext
    ) throws(EVAError) {
        if task == .languageModel, let model = model as? any CausalLanguageModel {
            _ = model.hiddenStates(batch, context)
        } else if let model = model as? any SequenceClassificationModel {
            _ = model.classify(batch, context)
        } else {
            throw .unreadable(batch: 0, reason: "the model gives no \(task.rawValue)")
        }
    }

    private static func check(
        _ batch: TokenBatch,
        index: Int,
        _ model: some AdaptableModel
    ) throws(EVAError) {
        guard batch.count > 0 else { throw .unreadable(batch: index, reason: "it is empty") }
        guard batch.longest <= model.maximumLength else {
            throw .unreadable(
                batch: index,
                reason: "a text has \(batch.longest) tokens, and the model reads at most \(model.maximumLength)"
            )
        }
        if let id = batch.ids.first(where: { $0 < 0 || $0 >= model.vocabularySize }) {
            throw .unreadable(batch: index, reason: "the model has no token \(id)")
        }
    }
}
