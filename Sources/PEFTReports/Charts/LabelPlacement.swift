/// Where the labels at the ends of lines go, so that none covers another.
package enum LabelPlacement {
    /// Positions as near to the wanted ones as a distance of at least `spacing` and the range allow, in the same order.
    package static func place(_ wanted: [Double], spacing: Double, in range: ClosedRange<Double>) -> [Double] {
        let order = wanted.indices.sorted { wanted[$0] < wanted[$1] }
        guard !order.isEmpty else { return [] }
        let room = range.upperBound - range.lowerBound
        let distance = order.count > 1 ? min(spacing, room / Double(order.count - 1)) : spacing
        // Groups of labels that touch each other lie around the mean of what they want.
        var groups: [(sum: Double, count: Int)] = []
        for (rank, index) in order.enumerated() {
            // Seen without the distances before it, a label is where it wants to be.
            groups.append((wanted[index] - distance * Double(rank), 1))
            while groups.count > 1 {
                let last = groups[groups.count - 1]
                let before = groups[groups.count - 2]
                guard before.sum / Double(before.count) > last.sum / Double(last.count) else { break }
                groups.removeLast(2)
                groups.append((before.sum + last.sum, before.count + last.count))
            }
        }
        let flattened = groups.flatMap { Array(repeating: $0.sum / Double($0.count), count: $0.count) }
        let highest = range.upperBound - distance * Double(order.count - 1)
        var places = wanted
        for (rank, index) in order.enumerated() {
            let base = min(max(flattened[rank], range.lowerBound), max(range.lowerBound, highest))
            places[index] = base + distance * Double(rank)
        }
        return places
    }
}
