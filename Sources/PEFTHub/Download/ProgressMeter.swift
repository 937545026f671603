import Synchronization

/// Counts what has arrived of several files that are fetched one after the other, and reports it now and then.
final class ProgressMeter: Sendable {
    private struct State {
        /// The bytes of files that are there.
        var finished = 0
        /// Of those and of earlier parts, what this run has not fetched.
        var foundHere = 0
        /// The file that comes at the moment.
        var current: PartialFile?
    }

    /// How often it is reported.
    private static let interval = Duration.milliseconds(100)

    /// The bytes of all files.
    let total: Int
    private let report: @Sendable (HubEvent) -> Void
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(_ files: [RemoteFile], report: @escaping @Sendable (HubEvent) -> Void) {
        total = files.reduce(0) { $0 + $1.size }
        self.report = report
    }

    /// Reports while `body` brings a file into its partial file.
    ///
    /// The reports come from a task of their own: whatever a user does with one, no byte waits for it.
    func during(_ file: RemoteFile, _ partial: PartialFile, _ body: () async throws -> Void) async throws {
        state.withLock { $0.current = partial }
        let reporter = Task { [self] in
            while !Task.isCancelled {
                show(file.name)
                try await Task.sleep(for: Self.interval)
            }
        }
        do {
            try await body()
        } catch {
            await end(reporter)
            throw error
        }
        await end(reporter)
        state.withLock { $0.foundHere += partial.continuedFrom }
    }

    /// Waits for the last report, so that none comes after what follows.
    private func end(_ reporter: Task<Void, any Error>) async {
        reporter.cancel()
        _ = await reporter.result
        state.withLock { $0.current = nil }
    }

    /// A file is there.
    ///
    /// - Parameter wasFetched: whether this run brought any of it.
    func finish(_ file: RemoteFile, wasFetched: Bool) {
        state.withLock { state in
            state.finished += file.size
            if !wasFetched { state.foundHere += file.size }
        }
        show(file.name)
    }

    private func show(_ file: String) {
        let elapsed = ContinuousClock.now - start
        let (received, found) = state.withLock { state in
            guard let partial = state.current else { return (state.finished, state.foundHere) }
            return (state.finished + partial.count, state.foundHere + partial.continuedFrom)
        }
        report(
            .received(
                HubProgress(
                    file: file,
                    received: received,
                    total: total,
                    fetched: max(0, received - found),
                    elapsed: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
                )
            )
        )
    }
}
