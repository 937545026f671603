import PEFTTensor
package import PEFTTraining

/// Examples of uneven lengths for the tiny checkpoints.
package enum Sentences {
    /// Two segments where there is room for them, single tokens among them.
    package static let uneven = of(lengths: [1, 9, 2, 1, 14, 5])

    package static func of(lengths: [Int]) -> [ClassificationExample] {
        lengths.enumerated().map { number, length in
            let random = CounterRandom(seed: UInt64(number), purpose: "ids")
            return ClassificationExample(
                ids: (0..<length).map { Int32(1 + random.integer(below: 119, $0)) },
                typeIDs: (0..<length).map { $0 * 3 > length * 2 ? 1 : 0 },
                label: number % 3
            )
        }
    }
}
