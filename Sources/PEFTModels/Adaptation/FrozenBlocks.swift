import PEFTAutograd

/// What a pass does about blocks whose output is the same in every step.
package enum FrozenBlocks {
    /// It finds out how many there are.
    case sought(FrozenBlockSearch)
    /// It takes their output from memory.
    case remembered(RememberedStates)
}

/// Finds out, in one pass, behind how many blocks the states neither depend on anything trained nor are random.
package final class FrozenBlockSearch {
    /// What was found.
    package struct Finding: Sendable, Equatable {
        /// Why there are no more frozen blocks.
        package enum Obstacle: Sendable, Equatable {
            /// Something trained acts there.
            case trained
            /// Something random acts there: what it is.
            case noise(String)
        }

        /// The number of frozen blocks.
        package fileprivate(set) var blocks = 0
        /// The number of all blocks; 0 for a model that does not run them through the context.
        package fileprivate(set) var count = 0
        /// nil when all blocks are frozen.
        package fileprivate(set) var obstacle: Obstacle?
    }

    package private(set) var finding = Finding()
    private var noise: String?

    package init() {}

    /// Something random was added or dropped.
    func met(noise: String) {
        self.noise = self.noise ?? noise
    }

    /// So many blocks are passed.
    func passed(blocks: Int, of count: Int, _ states: Variable) {
        finding.count = count
        guard finding.obstacle == nil else { return }
        if states.isTracked {
            finding.obstacle = .trained
        } else if let noise {
            finding.obstacle = .noise(noise)
        } else {
            finding.blocks = blocks
        }
    }
}
