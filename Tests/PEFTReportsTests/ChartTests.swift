import PEFTReports
import Testing

@Suite("Charts")
struct ChartTests {
    @Test("fewer points keep every spike, the ends and wide gaps")
    func downsampling() {
        var points = (0..<10_000).map { Point(x: Double($0), y: Double($0 % 7)) }
        points[4321] = Point(x: 4321, y: 99)
        points[1234] = Point(x: 1234, y: -99)
        for index in 7000..<8000 { points[index] = Point(x: Double(index), y: .nan) }
        let reduced = Downsampling.reduce(points, buckets: 100)
        #expect(reduced.count <= 202 && reduced.count > 150)
        #expect(reduced.first == points.first && reduced.last == points.last)
        #expect(reduced.contains(points[4321]) && reduced.contains(points[1234]))
        #expect(reduced.contains { $0.y.isNaN && (7000..<8000).contains(Int($0.x)) })
        #expect(reduced.map(\.x) == reduced.map(\.x).sorted() && Set(reduced.map(\.x)).count == reduced.count)
        #expect(Downsampling.reduce(Array(points.prefix(200)), buckets: 100).count == 200)
    }

    @Test("a spread keeps the first and the last")
    func spread() {
        #expect(Downsampling.spread(Array(0...100), count: 5) == [0, 25, 50, 75, 100])
        #expect(Downsampling.spread([1, 2], count: 5) == [1, 2])
    }

    @Test("the average of a constant is the constant, and gaps stay")
    func smoothing() {
        let points = (0..<100).map { Point(x: Double($0), y: $0 == 50 ? .nan : 3) }
        let smooth = Smoothing.average(points)
        #expect(smooth.indices.allSatisfy { $0 == 50 ? smooth[$0].y.isNaN : abs(smooth[$0].y - 3) < 1e-12 })
    }

    /// Values, and the marks that their axis has.
    static let axes: [(values: [Double], labels: [String])] = [
        ([0.31, 0.78], ["0", "0.2", "0.4", "0.6", "0.8"]),
        ([0.704, 0.813], ["0.70", "0.75", "0.80", "0.85"]),
        ([0, 5e-4], ["0", "0.0002", "0.0004", "0.0006"]),
        ([0, 0], ["0", "0.25", "0.50", "0.75", "1.00"]),
        ([2, 2], ["1.0", "1.5", "2.0", "2.5", "3.0"]),
        ([0, 3e-5], ["0", "1e-5", "2e-5", "3e-5"]),
        ([-3, 5], ["−4", "−2", "0", "2", "4", "6"]),
        ([1200, 1700], ["1,200", "1,400", "1,600", "1,800"]),
        ([.nan, .infinity], ["0", "0.25", "0.50", "0.75", "1.00"]),
    ]

    @Test("an axis has round marks that hold all values", arguments: axes.indices)
    func axis(index: Int) throws {
        let (values, labels) = Self.axes[index]
        let axis = Axis(values: values)
        #expect(axis.labels == labels)
        for value in values where value.isFinite { #expect((0...1).contains(axis.position(value))) }
    }

    @Test("extreme values make an axis, too", arguments: [1e-300, 1e300, 1e-5, -1e308, 1.7e308])
    func extremes(value: Double) {
        let axis = Axis(values: [value, -value / 2, 0])
        #expect(axis.ticks.count >= 2 && axis.ticks.count < 9 && axis.position(value).isFinite)
    }

    @Test("steps are marked at whole numbers")
    func steps() {
        #expect(Axis(steps: 0...3).ticks == [0, 1, 2, 3])
        #expect(Axis(steps: 0...250).labels == ["0", "100", "200"])
        #expect(Axis(steps: 0...1).ticks == [0, 1])
        #expect(Axis(steps: 0...100_000).labels == ["0", "25,000", "50,000", "75,000", "100,000"])
    }

    @Test("labels keep their distance and their order, near to where they belong")
    func labels() {
        #expect(LabelPlacement.place([10, 50], spacing: 12, in: 0...100) == [10, 50])
        #expect(LabelPlacement.place([50, 50, 50], spacing: 12, in: 0...100) == [38, 50, 62])
        #expect(LabelPlacement.place([99, 98], spacing: 12, in: 0...100) == [100, 88])
        #expect(LabelPlacement.place([], spacing: 12, in: 0...100).isEmpty)
        let crowded = LabelPlacement.place(Array(repeating: 1, count: 30), spacing: 12, in: 0...100)
        #expect(crowded.min() == 0 && crowded.max().map { abs($0 - 100) < 1e-9 } == true)
    }

    @Test("numbers as people read them")
    func numbers() {
        #expect(NumberText.count(22_713_986) == "22,713,986" && NumberText.count(999) == "999")
        #expect(NumberText.value(5e-05) == "5e-5" && NumberText.value(-0.5) == "−0.5")
        #expect(NumberText.metric(0.75) == "0.7500" && NumberText.metric(.nan) == "–")
        #expect(NumberText.percentage(0.742) == "74.2 %" && NumberText.percentage(0.9999) == "99.99 %")
        #expect(NumberText.duration(4.21) == "4.2 s" && NumberText.duration(59.97) == "1 min 00 s")
        #expect(NumberText.duration(3720) == "1 h 02 min")
    }
}
