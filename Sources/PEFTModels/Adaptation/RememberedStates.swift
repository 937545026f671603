import PEFTAutograd
import PEFTTensor
import Synchronization

/// What leaves the frozen blocks, for as many texts as there is room for.
///
/// A text that found no room is computed each time. Workers share one memory.
package final class RememberedStates: Sendable {
    /// What the states of a text depend on.
    struct Key: Hashable {
        let ids: [Int32]
        let typeIDs: [Int32]

        /// - Parameter text: a batch of one sequence.
        init(_ text: TokenBatch) {
            (ids, typeIDs) = (text.ids, text.typeIDs)
        }
    }

    /// The states of one text.
    struct Text {
        /// `[rows, width]`.
        let states: Tensor
        /// The position of each row.
        let positions: [Int32]
        /// The index of the row that a pooler reads.
        let pooled: Int

        init(states: Tensor, positions: [Int32], pooled: Int) {
            (self.states, self.positions, self.pooled) = (states, positions, pooled)
        }

        init(_ hidden: HiddenRows) {
            self.init(states: hidden.states.value, positions: hidden.rows.positions, pooled: hidden.pooled.first ?? 0)
        }
    }

    /// How much is remembered.
    package struct Usage: Sendable, Equatable {
        /// The number of texts.
        package var texts = 0
        /// The memory they take up.
        package var bytes = 0
    }

    private struct State {
        var texts: [Key: Text] = [:]
        var usage = Usage()
    }

    /// How many blocks' output it is.
    package let blocks: Int
    /// The most that all states together may take up.
    package let limit: Int
    private let state = Mutex(State())
    // Its own, since pools of workers keep what comes back, and this is to be given back at the end of a run.
    private let pool = BufferPool()

    /// - Parameters:
    ///   - blocks: how many blocks' output is remembered.
    ///   - limit: bytes.
    package init(blocks: Int, limit: Int) {
        self.blocks = blocks
        self.limit = limit
    }

    /// How much is remembered.
    package var usage: Usage { state.withLock { $0.usage } }

    /// What is remembered of a text; nil for nothing.
    func states(of key: Key) -> Text? { state.withLock { $0.texts[key] } }

    /// Remembers a text when there is room for it; its states, remembered or not.
    func remember(_ text: Text, as key: Key) -> Text {
        let bytes = Self.bytes(of: text, as: key)
        return state.withLock { state in
            // Another worker may have had the same text.
            if let known = state.texts[key] { return known }
            guard bytes <= limit - state.usage.bytes else { return text }
            let copy = Tensor(uninitialized: text.states.shape, pool: pool)
            copy.mutablePointer.update(from: text.states.pointer, count: copy.count)
            let remembered = Text(states: copy, positions: text.positions, pooled: text.pooled)
            state.texts[key] = remembered
            state.usage.texts += 1
            state.usage.bytes += bytes
            return remembered
        }
    }

    /// The buffer of the states, the token ids, segments and positions, and what goes with them.
    private static func bytes(of text: Text, as key: Key) -> Int {
        let integers = key.ids.count + key.typeIDs.count + text.positions.count
        return BufferPool.bytes(for: text.states.count) + MemoryLayout<Int32>.stride * integers + 512
    }
}
