extension TextDataset {
    /// The labels that occur, in their natural order; see ``LabelSet/init(ordering:)``.
    ///
    /// - Throws: ``DatasetError`` if an example has no label, or there are no examples.
    public func labels() throws(DatasetError) -> LabelSet {
        var labels: [String] = []
        labels.reserveCapacity(count)
        for position in indices { labels.append(try label(at: position)) }
        return try LabelSet(ordering: labels)
    }

    /// The class of each example.
    ///
    /// - Throws: ``DatasetError`` with the file and line of the first example whose label is missing or not in `labels`.
    public func classIndices(in labels: LabelSet) throws(DatasetError) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(count)
        for position in indices {
            let name = try label(at: position)
            guard let index = labels.index(of: name) else {
                throw error(at: position, "unknown label '\(name)'; the known labels are \(quotedList(labels))")
            }
            result.append(index)
        }
        return result
    }

    func label(at position: Int) throws(DatasetError) -> String {
        guard let label = self[position].label else {
            throw error(at: position, "there is no label; every row needs one here")
        }
        return label
    }

    func error(at position: Int, _ problem: String) -> DatasetError {
        let location = location(of: position)
        return DatasetError(at: location, problem: location == nil ? "example \(position): \(problem)" : problem)
    }
}
