import PEFTTensor

extension TextDataset {
    /// Two parts by chance, one to learn from and one to measure on, each in the order of this data set and with the same
    /// labels in nearly the same shares: what scikit-learn's `train_test_split(stratify:)` is for.
    ///
    /// ```swift
    /// let (training, heldOut) = try texts.split(heldOut: 0.25)
    /// ```
    ///
    /// - Parameters:
    ///   - share: the second part's share of the texts, more than 0 and less than 1; it gets ⌊`share` · `count`⌋ of them.
    ///   - seed: another one gives another split.
    /// - Throws: ``DatasetError`` when one of the parts would be empty.
    public func split(
        heldOut share: Double,
        seed: UInt64 = 0
    ) throws(DatasetError) -> (training: TextDataset, heldOut: TextDataset) {
        let number = share > 0 && share < 1 ? Int(share * Double(count)) : 0
        guard number > 0, number < count else {
            throw DatasetError(
                at: nil,
                problem:
                    "\(count) texts cannot be split with a share of \(share) held out: both parts need some; give a share "
                    + "between \(count > 1 ? 1 / Double(count) : 0) and 1, or more texts"
            )
        }
        // Evenly from an order in which labels stand together, each in a random order of its own.
        let shuffled = CounterRandom(seed: seed, purpose: "split").permutation(count)
        let byLabel = shuffled.enumerated().sorted { first, second in
            let labels = (examples[first.element].label ?? "", examples[second.element].label ?? "")
            return labels.0 == labels.1 ? first.offset < second.offset : labels.0 < labels.1
        }
        let held = Set((0..<number).map { byLabel[($0 * count + count / 2) / number].element })
        return (selecting(indices.filter { !held.contains($0) }), selecting(held.sorted()))
    }
}
