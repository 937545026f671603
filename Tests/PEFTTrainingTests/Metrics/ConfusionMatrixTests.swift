import PEFTTraining
import Testing

@Suite("The confusion matrix and what follows from it")
struct ConfusionMatrixTests {
    private func expectClose(_ a: [Double], _ b: [Double]) {
        #expect(a.count == b.count)
        for (a, b) in zip(a, b) { #expect(abs(a - b) < 1e-12) }
    }

    private func means(_ confusion: ConfusionMatrix) -> [Double] {
        [\.precision, \.recall, \.f1].map { confusion.average($0, .macro) }
    }

    @Test("are those of scikit-learn, for five classes of which one is never predicted and one never occurs")
    func fiveClasses() {
        let confusion = ConfusionMatrix(
            labels: [0, 1, 2, 2, 1, 0, 3, 1, 2, 1, 0, 0],
            predictions: [0, 2, 2, 1, 1, 0, 1, 1, 2, 0, 0, 2],
            classes: 5
        )
        #expect(
            confusion.counts == [
                [3, 0, 1, 0, 0], [1, 2, 1, 0, 0], [0, 1, 2, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0],
            ]
        )
        expectClose([confusion.accuracy], [0.5833333333333334])
        expectClose(confusion.perClass.map(\.precision), [0.75, 0.5, 0.5, 0, 0])
        expectClose(confusion.perClass.map(\.recall), [0.75, 0.5, 0.6666666666666666, 0, 0])
        expectClose(confusion.perClass.map(\.f1), [0.75, 0.5, 0.5714285714285714, 0, 0])
        #expect(confusion.perClass.map(\.support) == [4, 4, 3, 1, 0])
        expectClose(means(confusion), [0.35, 0.3833333333333333, 0.36428571428571427])
        #expect(confusion.count == 12)
    }

    @Test("are those of scikit-learn, for two classes")
    func twoClasses() {
        let confusion = ConfusionMatrix(
            labels: [1, 0, 1, 1, 0, 1],
            predictions: [1, 1, 0, 1, 0, 1],
            classes: 2
        )
        #expect(confusion.counts == [[1, 1], [1, 3]])
        expectClose([confusion.accuracy], [0.6666666666666666])
        expectClose(
            confusion.perClass.flatMap { [$0.precision, $0.recall, $0.f1] },
            [0.5, 0.5, 0.5, 0.75, 0.75, 0.75]
        )
        expectClose(means(confusion), [0.625, 0.625, 0.625])
    }

    @Test("are zeros, not undefined, where everything is wrong or nothing is there", arguments: [3, 0])
    func nothingRight(count: Int) {
        let confusion = ConfusionMatrix(
            labels: Array(repeating: 0, count: count),
            predictions: Array(repeating: 1, count: count),
            classes: 2
        )
        #expect(confusion.count == count)
        expectClose([confusion.accuracy] + means(confusion), [0, 0, 0, 0])
        #expect(confusion.perClass.map(\.support) == [count, 0])
    }
}
