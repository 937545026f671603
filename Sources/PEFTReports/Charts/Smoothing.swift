/// The exponential moving average that shows a noisy curve's course.
package enum Smoothing {
    /// Fewer values than this are their own course.
    static let fewest = 20

    /// mₜ = β mₜ₋₁ + (1 − β) yₜ, divided by 1 − βᵗ so that the start is not drawn towards zero. The average reaches
    /// back over about a twentieth of the values. Gaps stay gaps and leave the average as it is.
    package static func average(_ points: [Point]) -> [Point] {
        let decay = 1 - 1 / max(1, Double(points.count) / 20)
        var mean = 0.0
        var weight = 0.0
        return points.map { point in
            guard point.y.isFinite else { return Point(x: point.x, y: .nan) }
            mean = decay * mean + (1 - decay) * point.y
            weight = decay * weight + (1 - decay)
            return Point(x: point.x, y: mean / weight)
        }
    }
}
