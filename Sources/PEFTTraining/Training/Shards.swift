/// The division of a batch among workers.
enum Shards {
    /// Indices of `costs` in at most `count` groups of about equal cost: the costliest first, each to the group that
    /// has least. A pure function of its arguments; groups keep the order of the batch.
    static func balance(_ costs: [Int], into count: Int) -> [[Int]] {
        var groups = Array(repeating: [Int](), count: min(count, costs.count))
        var loads = Array(repeating: 0, count: groups.count)
        for index in costs.indices.sorted(by: { (costs[$1], $0) < (costs[$0], $1) }) {
            guard let lightest = loads.indices.min(by: { (loads[$0], $0) < (loads[$1], $1) }) else { break }
            groups[lightest].append(index)
            loads[lightest] += costs[index]
        }
        return groups.map { $0.sorted() }
    }
}
