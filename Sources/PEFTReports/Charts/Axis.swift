import Foundation

/// Where an axis begins and ends and what is marked on it.
package struct Axis: Equatable {
    /// The marked values, the first and the last being the axis's ends if it is rounded.
    package let ticks: [Double]
    let lower: Double
    let upper: Double

    /// An axis whose ends are round, for values.
    ///
    /// It begins at zero when that is near, and is as wide as it takes to have something on it.
    package init(values: some Sequence<Double>, count: Int = 4) {
        let finite = values.filter(\.isFinite)
        var lower = finite.min() ?? 0
        var upper = finite.max() ?? 1
        if lower > 0, lower < 0.4 * upper { lower = 0 }
        // Values that differ by rounding only are one value, too.
        if upper - lower <= 1e-9 * max(abs(lower), abs(upper)) {
            let margin = lower == 0 ? 1 : abs(lower) * 0.5
            if lower >= 0 { lower = max(0, lower - margin) } else { lower -= margin }
            upper += margin
        }
        let step = Self.roundStep(upper / Double(count) - lower / Double(count))
        let first = (lower / step + 1e-9).rounded(.down)
        let last = (upper / step - 1e-9).rounded(.up)
        ticks = (0...Int(last - first)).map { Self.multiple(first + Double($0), of: step) }
        self.lower = ticks[0]
        self.upper = ticks[ticks.count - 1]
    }

    /// An axis for steps: it ends where they do, and whole numbers are marked.
    package init(steps: ClosedRange<Int>, count: Int = 4) {
        lower = Double(steps.lowerBound)
        upper = Double(max(steps.upperBound, steps.lowerBound + 1))
        let step = max(1, Self.roundStep((upper - lower) / Double(count)).rounded(.up))
        let first = (lower / step).rounded(.up)
        let last = max(first, (upper / step).rounded(.down))
        ticks = (0...Int(last - first)).map { (first + Double($0)) * step }.filter { $0 <= Double(steps.upperBound) }
    }

    /// Where `value` lies, from 0 at the lower end to 1 at the upper.
    package func position(_ value: Double) -> Double { (value / 2 - lower / 2) / (upper / 2 - lower / 2) }

    /// The ticks as text, all with as many digits as the finest needs.
    package var labels: [String] {
        let step = ticks.count > 1 ? ticks[1] - ticks[0] : upper - lower
        return ticks.map { NumberText.tick($0, step: step, largest: max(abs(lower), abs(upper))) }
    }

    /// The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `step`.
    private static func roundStep(_ step: Double) -> Double {
        let power = pow(10, log10(step).rounded(.down))
        return ([1, 2, 2.5, 5].first { $0 * power >= step * (1 - 1e-9) } ?? 10) * power
    }

    /// A multiple with the rounding of a decimal, as 3 · 0.1 is 0.30000000000000004.
    private static func multiple(_ count: Double, of step: Double) -> Double {
        Double(String(format: "%.12g", count * step)) ?? count * step
    }
}
