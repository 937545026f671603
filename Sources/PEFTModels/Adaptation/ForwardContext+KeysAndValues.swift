import PEFTAutograd
import PEFTTensor

extension ForwardContext {
    /// Keys and values with the adapter's virtual ones in front of every sequence's own, and their offsets.
    ///
    /// - Parameters:
    ///   - rows: which tokens the rows of both are.
    ///   - site: the attention they are for.
    func withVirtualOnes(
        _ keys: Variable,
        _ values: Variable,
        rows: TokenRows,
        at site: Site
    ) -> (Variable, Variable, offsets: [Int]) {
        guard let parts = routeRows(rows) else {
            guard let virtual = adapter?.virtualKeysAndValues(at: site, self) else {
                return (keys, values, rows.offsets)
            }
            let count = virtual.keys.shape[0]
            return (
                tape.prepend(virtual.keys, toRunsOf: keys, offsets: rows.offsets),
                tape.prepend(virtual.values, toRunsOf: values, offsets: rows.offsets),
                rows.offsets.enumerated().map { $1 + $0 * count }
            )
        }
        let all = parts.map { part in
            part.context.withVirtualOnes(
                tape.slice(part.range, of: keys),
                tape.slice(part.range, of: values),
                rows: part.rows,
                at: site
            )
        }
        var offsets = [0]
        for part in all { offsets += part.offsets.dropFirst().map { [end = offsets[offsets.count - 1]] in $0 + end } }
        return (tape.concatenate(all.map(\.0)), tape.concatenate(all.map(\.1)), offsets)
    }
}
