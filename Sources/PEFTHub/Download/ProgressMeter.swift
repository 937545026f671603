import Synchronization

/// Counts what has arrived of several files.
final class ProgressMeter: Sendable {
    private struct State {
        /// Of each file that is not finished, what is there, and what was there at the start.
        var received: [String: Int] = [:]
        var atStart: [String: Int] = [:]
        var finished: Set<String> = []
        /// What this run brought of finished files.
        var fetched = 0
    }

    /// The bytes of all files.
    let total: Int
    private let sizes: [String: Int]
    private let report: @Sendable (HubEvent) -> Void
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(_ files: [RemoteFile], report: @escaping @Sendable (HubEvent) -> Void) {
        sizes = Dictionary(files.map { ($0.name, $0.size) }, uniquingKeysWith: { $1 })
        total = sizes.values.reduce(0, +)
        self.report = report
    }

    /// A file is going to be fetched from byte `count` on.
    func begin(_ file: RemoteFile, at count: Int) { state.withLock { $0.atStart[file.name] = count } }

    /// So much of a file is there.
    func note(_ file: RemoteFile, _ count: Int) {
        state.withLock { $0.received[file.name] = count }
        show(file)
    }

    /// A file is there.
    func finish(_ file: RemoteFile) {
        state.withLock { state in
            guard state.finished.insert(file.name).inserted else { return }
            let began = state.atStart.removeValue(forKey: file.name)
            if state.received.removeValue(forKey: file.name) != nil { state.fetched += file.size - (began ?? 0) }
        }
        show(file)
    }

    private func show(_ file: RemoteFile) {
        let elapsed = ContinuousClock.now - start
        let progress = state.withLock { state in
            let current = state.received.values.reduce(0, +)
            let done = state.finished.reduce(0) { $0 + (sizes[$1] ?? 0) }
            let before = state.received.keys.reduce(0) { $0 + min(state.atStart[$1] ?? 0, state.received[$1] ?? 0) }
            return HubProgress(
                file: file.name,
                received: done + current,
                total: total,
                fetched: state.fetched + current - before,
                elapsed: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
            )
        }
        report(.received(progress))
    }
}
