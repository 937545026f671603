import Testing

/// Half a unit in the last place of 1: the largest relative error of one rounding.
let roundoff = 0x1p-24

/// Expects every element within `bound(index)` of what the twin computed, NaN and infinities being equal to themselves.
func expectAgreement(
    _ actual: [Float],
    _ expected: [Double],
    _ context: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation,
    within bound: (_ index: Int) -> Double
) {
    guard actual.count == expected.count else {
        Issue.record(
            "\(context()): \(actual.count) elements instead of \(expected.count)",
            sourceLocation: sourceLocation
        )
        return
    }
    var worst: (index: Int, excess: Double)?
    for (index, (a, e)) in zip(actual, expected).enumerated() where Double(a) != e && !(a.isNaN && e.isNaN) {
        let excess = abs(Double(a) - e) / bound(index)
        // Written so that NaN counts as too far off.
        if !(excess <= 1), worst.map({ excess > $0.excess || excess.isNaN }) ?? true { worst = (index, excess) }
    }
    guard let (index, excess) = worst else { return }
    Issue.record(
        "\(context()): element \(index) is \(actual[index]) instead of \(expected[index]), \(excess) bounds off",
        sourceLocation: sourceLocation
    )
}

/// As above, with a relative and an absolute error.
func expectAgreement(
    _ actual: [Float],
    _ expected: [Double],
    relative: Double,
    absolute: Double = 0,
    _ context: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectAgreement(actual, expected, context(), sourceLocation: sourceLocation) {
        relative * abs(expected[$0]) + absolute
    }
}

/// Expects the same bits, element by element.
func expectSameBits(
    _ actual: [Float],
    _ expected: [Float],
    _ context: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let differs = zip(actual, expected).enumerated().first { $1.0.bitPattern != $1.1.bitPattern }
    guard actual.count != expected.count || differs != nil else { return }
    let place = differs.map { "element \($0.offset) is \($0.element.0) instead of \($0.element.1)" }
    Issue.record("\(context()): \(place ?? "other lengths")", sourceLocation: sourceLocation)
}
