/// Fewer points that draw the same line.
package enum Downsampling {
    /// At most about twice as many points as `buckets`: of every bucket of neighbours the lowest and the highest, in
    /// their order, so that no spike is lost. The first and the last point stay. A bucket without a finite value becomes a
    /// gap.
    package static func reduce(_ points: [Point], buckets: Int) -> [Point] {
        guard points.count > 2 * buckets, points.count > 2 else { return points }
        let inner = points.dropFirst().dropLast()
        var kept = [points[0]]
        for bucket in 0..<buckets {
            let start = inner.startIndex + inner.count * bucket / buckets
            let end = inner.startIndex + inner.count * (bucket + 1) / buckets
            kept += extremes(of: inner[start..<end])
        }
        return kept + [points[points.count - 1]]
    }

    private static func extremes(of points: ArraySlice<Point>) -> [Point] {
        let finite = points.indices.filter { points[$0].y.isFinite }
        guard
            let lowest = finite.min(by: { points[$0].y < points[$1].y }),
            let highest = finite.max(by: { points[$0].y < points[$1].y })
        else { return points.prefix(1).map { Point(x: $0.x, y: .nan) } }
        return Set([lowest, highest]).sorted().map { points[$0] }
    }

    /// At most `count` of `items`, evenly spread, the first and the last among them.
    package static func spread<Item>(_ items: [Item], count: Int) -> [Item] {
        guard items.count > count, count > 1 else { return items }
        return (0..<count).map { items[$0 * (items.count - 1) / (count - 1)] }
    }
}
