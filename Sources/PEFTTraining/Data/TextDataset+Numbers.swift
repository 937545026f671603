/// Which values labels may have in a data file.
public enum LabelKind: Sendable {
    /// Names and integers, which name classes; a number with a fraction is an error.
    case classes
    /// Any number, too: the target of a regression.
    case classesOrNumbers
}

extension TextDataset {
    /// The number that each example has as its label.
    ///
    /// - Throws: ``DatasetError`` with the file and line of the first example whose label is missing or no finite number.
    public func numbers() throws(DatasetError) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(count)
        for position in indices {
            let label = try label(at: position)
            guard let number = Self.number(label) else {
                throw error(at: position, "the label '\(label)' is no number; a regression needs one in every row")
            }
            result.append(number)
        }
        return result
    }

    /// A decimal number, with or without spaces around it.
    private static func number(_ text: String) -> Double? {
        let trimmed = text.trimmingPrefix { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        let decimal = String(trimmed)
        // Swift also reads hexadecimal digits, infinities and NaN, which are no labels.
        guard decimal.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(decimal) else {
            return nil
        }
        return Float(number).isFinite ? number : nil
    }
}
