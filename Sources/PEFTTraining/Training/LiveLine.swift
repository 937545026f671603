import Synchronization

/// A line of a terminal that is drawn over while something goes on, and when it is time to show more of it.
package final class LiveLine: Sendable {
    private struct State {
        /// In seconds since the start; infinity once the last has been shown.
        var lastShown: Double?
        var isVisible = false
    }

    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameter write: receives what is to be shown.
    package init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// Whether this is the first or the last to show, or `interval` seconds after what was shown before; the last is due
    /// once.
    package func isDue(at elapsed: Double, isLast: Bool, interval: Double) -> Bool {
        state.withLock { state in
            if let last = state.lastShown, last == .infinity || !isLast && elapsed - last < interval { return false }
            state.lastShown = isLast ? .infinity : elapsed
            return true
        }
    }

    /// Draws over what is there.
    package func draw(_ text: String) {
        state.withLock { $0.isVisible = true }
        // Back to the start of the line, and afterwards clear what a longer line left behind.
        write("\r" + text + "\u{1B}[K")
    }

    /// Ends the line, so that what follows does not run into it.
    package func leave() {
        let wasVisible = state.withLock { state in
            defer { state.isVisible = false }
            return state.isVisible
        }
        if wasVisible { write("\n") }
    }

    /// Something else begins.
    package func restart() {
        leave()
        state.withLock { $0 = State() }
    }
}
