import PEFTTensor

/// A checkpoint's tensors and what became of the requests for them; shared by all scopes of a source.
final class WeightLedger {
    let table: WeightTable
    private var isUsed: [Bool]
    private var faults: [WeightFault] = []
    private var newlyInitialisedKeys: [String] = []

    init(_ table: WeightTable) {
        self.table = table
        isUsed = Array(repeating: false, count: table.keys.count)
    }

    /// The tensor under the first of `names` that exists; nil if none does, or if it does not fit, which is recorded.
    func fitting(_ names: [String], inScope prefix: String, _ shape: Shape) -> (isPresent: Bool, tensor: Tensor?) {
        let positions = names.lazy.compactMap { [table] in table.position(of: prefix + $0) }
        guard let position = positions.first else { return (false, nil) }
        isUsed[position] = true
        let origin = table.origins[position]
        if case .elements(let type) = origin.type, !type.isFloatingPoint {
            record(table.keys[position], .mistyped(found: type))
            return (true, nil)
        }
        guard origin.shape == shape else {
            record(table.keys[position], .misshaped(expected: shape, found: origin.shape))
            return (true, nil)
        }
        return (true, origin.tensor())
    }

    func record(_ key: String, _ problem: WeightFault.Problem) {
        let fault = WeightFault(key: key, problem: problem)
        if !faults.contains(fault) { faults.append(fault) }
    }

    func recordNewlyInitialised(_ key: String) {
        if !newlyInitialisedKeys.contains(where: { $0.hasSameBytes(as: key) }) { newlyInitialisedKeys.append(key) }
    }

    func finish(ignoring patterns: [KeyPattern]) throws(WeightError) -> LoadReport {
        var faults = faults
        var ignored: [String] = []
        var (loadedCount, loadedBytes) = (0, 0)
        for (position, key) in table.keys.enumerated() {
            let origin = table.origins[position]
            if isUsed[position] {
                loadedCount += 1
                loadedBytes += origin.byteCount
            } else if patterns.contains(where: { $0.matches(key) }) {
                ignored.append(key)
            } else {
                faults.append(WeightFault(key: key, problem: .unexpected(origin.type, origin.shape)))
            }
        }
        guard faults.isEmpty else {
            throw WeightError(path: table.path, faults: faults.sorted { $0.precedes($1) })
        }
        return LoadReport(
            path: table.path,
            loadedCount: loadedCount,
            loadedBytes: loadedBytes,
            ignoredKeys: ignored.sorted { $0.precedesByBytes($1) },
            newlyInitialisedKeys: newlyInitialisedKeys.sorted { $0.precedesByBytes($1) }
        )
    }
}
