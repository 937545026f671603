/// What examples of each class count in a loss, from how many there are.
public enum ClassWeights {
    /// n / (K · n_c) for n examples, n_c of them of class c, and K classes: every class counts as much as any other.
    ///
    /// It is what scikit-learn calls `balanced` (after King & Zeng 2001).
    ///
    /// - Parameters:
    ///   - classes: the class of each example.
    ///   - labels: the names of the classes, in their order.
    /// - Throws: ``DatasetError`` when a class has no example.
    /// - Precondition: every class has a name.
    public static func balanced(_ classes: [Int], labels: [String]) throws(DatasetError) -> [Double] {
        precondition(classes.allSatisfy(labels.indices.contains), "a class lies in 0 ..< \(labels.count)")
        var counts = Array(repeating: 0, count: labels.count)
        for index in classes { counts[index] += 1 }
        if let missing = counts.firstIndex(of: 0) {
            throw DatasetError(
                at: nil,
                problem: "no example has the label '\(labels[missing])', so that there is no balanced class weight for "
                    + "it; add such examples, or give the weights as numbers"
            )
        }
        return counts.map { Double(classes.count) / Double(labels.count * $0) }
    }
}
