import ArgumentParser
import PEFTKit

/// Which classes a run has, and in which order.
enum ClassLabels {
    /// The adapter's own when it knows them; else the checkpoint's when they cover the data; else those of the data.
    static func choose(
        for texts: TextDataset,
        adapter: AdapterFolder?,
        base: FrozenModel<AnyArchitecture>
    ) throws -> LabelSet {
        if let labels = adapter?.labels { return try LabelSet(labels) }
        let present = try texts.labels()
        let ofCheckpoint = base.architecture.labels
        if !ofCheckpoint.isEmpty, adapter == nil, present.allSatisfy(ofCheckpoint.contains) {
            return try LabelSet(ofCheckpoint)
        }
        return present
    }

    /// The classes an evaluation compares with.
    static func known(adapter: AdapterBundle?, base: FrozenModel<AnyArchitecture>) throws -> LabelSet {
        try LabelSet(adapter?.labels ?? base.architecture.labels)
    }
}
