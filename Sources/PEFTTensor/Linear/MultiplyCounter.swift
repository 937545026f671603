import Synchronization

/// How much GEMM work the process has done so far.
///
/// What a pass should not compute, for instance the gradient of a frozen matrix, cannot be seen in its results; it can
/// be seen here, in a process that does nothing else meanwhile.
package enum MultiplyCounter {
    /// Work between two moments, or since the process started.
    package struct Work: Sendable, Equatable {
        /// The number of products that have at least one element.
        package let calls: Int
        /// Their multiply–adds: m · n · k for `[m, k] × [k, n]`.
        package let multiplyAdds: Int

        package init(calls: Int, multiplyAdds: Int) {
            (self.calls, self.multiplyAdds) = (calls, multiplyAdds)
        }

        /// Floating-point operations, two for each multiply–add.
        package var flops: Int { 2 * multiplyAdds }

        /// What was done from `earlier` on.
        package static func - (later: Work, earlier: Work) -> Work {
            Work(calls: later.calls - earlier.calls, multiplyAdds: later.multiplyAdds - earlier.multiplyAdds)
        }
    }

    // Relaxed: nothing is ordered by these numbers, and who reads them has waited for the work to end.
    private static let calls = Atomic(0)
    private static let multiplyAdds = Atomic(0)

    /// The work since the process started.
    package static var snapshot: Work {
        Work(calls: calls.load(ordering: .relaxed), multiplyAdds: multiplyAdds.load(ordering: .relaxed))
    }

    static func add(_ product: @autoclosure () -> ProductShape, multiplyAdds count: Int) {
        calls.wrappingAdd(1, ordering: .relaxed)
        multiplyAdds.wrappingAdd(count, ordering: .relaxed)
        guard isRecording.load(ordering: .relaxed) else { return }
        let product = product()
        shapes.withLock { $0[product, default: 0] += 1 }
    }

    private static let isRecording = Atomic(false)
    private static let shapes = Mutex<[ProductShape: Int]>([:])

    /// Begins to note the shape of every product.
    package static func recordShapes() {
        shapes.withLock { $0 = [:] }
        isRecording.store(true, ordering: .relaxed)
    }

    /// How often each shape was computed since ``recordShapes()``, which ends here.
    package static func recordedShapes() -> [ProductShape: Int] {
        isRecording.store(false, ordering: .relaxed)
        return shapes.withLock { $0 }
    }
}

/// The sizes of a product C `[rows, columns]` of depth `depth`, and how its matrices lie in memory.
package struct ProductShape: Sendable, Hashable {
    package let rows: Int
    package let columns: Int
    package let depth: Int
    package let leftIsTransposed: Bool
    package let rightIsTransposed: Bool
    /// Floats from one row to the next of the left, the right and the resulting matrix.
    package let strides: [Int]
    package let beta: Float
}
