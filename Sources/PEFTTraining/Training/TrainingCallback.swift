/// Follows a run, and may steer it.
///
/// Every method has a default that does nothing; what they return is heeded once the current step is done.
///
/// ```swift
/// struct StopAtLoss: TrainingCallback {
///     let loss: Double
///     func stepEnded(_ step: StepReport) -> TrainingRequest { step.loss < loss ? [.save, .stop] : [] }
/// }
/// ```
public protocol TrainingCallback: Sendable {
    /// The run is about to take its first step, or the first after it was resumed.
    func trainingBegan(_ plan: TrainingPlan) async throws -> TrainingRequest
    /// An epoch begins, or is gone on with; counted from 1.
    func epochBegan(_ epoch: Int) async throws -> TrainingRequest
    /// An optimizer step is done.
    func stepEnded(_ step: StepReport) async throws -> TrainingRequest
    /// A summary of some steps.
    func logged(_ log: LogReport) async throws -> TrainingRequest
    /// The adapter so far was evaluated.
    func evaluated(_ evaluation: EvaluationEvent) async throws -> TrainingRequest
    /// An epoch is done.
    func epochEnded(_ epoch: EpochReport) async throws -> TrainingRequest
    /// A checkpoint is on the disk.
    func saved(_ checkpoint: SavedCheckpoint) async throws -> TrainingRequest
    /// The run has ended.
    func trainingEnded(_ run: TrainingRun) async throws
}

extension TrainingCallback {
    /// Nothing.
    public func trainingBegan(_ plan: TrainingPlan) async throws -> TrainingRequest { [] }
    /// Nothing.
    public func epochBegan(_ epoch: Int) async throws -> TrainingRequest { [] }
    /// Nothing.
    public func stepEnded(_ step: StepReport) async throws -> TrainingRequest { [] }
    /// Nothing.
    public func logged(_ log: LogReport) async throws -> TrainingRequest { [] }
    /// Nothing.
    public func evaluated(_ evaluation: EvaluationEvent) async throws -> TrainingRequest { [] }
    /// Nothing.
    public func epochEnded(_ epoch: EpochReport) async throws -> TrainingRequest { [] }
    /// Nothing.
    public func saved(_ checkpoint: SavedCheckpoint) async throws -> TrainingRequest { [] }
    /// Nothing.
    public func trainingEnded(_ run: TrainingRun) async throws {}

    /// Hands an event to the method that is for it.
    func handle(_ event: TrainingEvent) async throws -> TrainingRequest {
        switch event {
        case .started(let plan): return try await trainingBegan(plan)
        case .epochStarted(let epoch): return try await epochBegan(epoch)
        case .step(let step): return try await stepEnded(step)
        case .logged(let log): return try await logged(log)
        case .evaluated(let evaluation): return try await evaluated(evaluation)
        case .epoch(let epoch): return try await epochEnded(epoch)
        case .saved(let checkpoint): return try await saved(checkpoint)
        case .finished(let run):
            try await trainingEnded(run)
            return []
        }
    }
}

/// What a callback asks of the run.
public struct TrainingRequest: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int

    /// What some bits ask for.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Evaluate after this step.
    public static let evaluate = TrainingRequest(rawValue: 1)
    /// Save a checkpoint after this step; without a place for checkpoints nothing is saved.
    public static let save = TrainingRequest(rawValue: 2)
    /// End the run after this step.
    public static let stop = TrainingRequest(rawValue: 4)
}
