import PEFTKit

/// What a person should see of the labels before a run learns them.
struct LabelReport {
    /// The labels that occur, with how often they do.
    private let counts: [(label: String, count: Int)]
    private let source: String

    /// - Parameter source: what the texts are, as the line begins.
    init(_ texts: TextDataset, source: String) throws {
        let occurring = Dictionary(grouping: texts.compactMap(\.label)) { $0 }
        counts = try texts.labels().map { ($0, occurring[$0]?.count ?? 0) }
        self.source = source
    }

    /// As in `train.csv: 72 texts, 2 labels: keep 36, return 36`.
    var summary: String {
        let texts = counts.reduce(0) { $0 + $1.count }
        let shown = counts.prefix(8).map { "\($0.label) \($0.count.grouped)" }.joined(separator: ", ")
        return "\(source): \(texts.counted("text")), \(counts.count.counted("label")): \(shown)"
            + (counts.count > 8 ? ", …" : "")
    }

    /// What is seldom meant.
    var warnings: [String] {
        var warnings: [String] = []
        let texts = counts.reduce(0) { $0 + $1.count }
        if texts >= 8, counts.count * 2 > texts {
            warnings.append(
                "most texts of \(source) have a label that few others have; is --label-column the column of the labels?"
            )
        }
        let alike = Dictionary(grouping: counts.map(\.label)) { label in
            label.split(separator: " ").joined(separator: " ").lowercased()
        }
        for labels in alike.values.filter({ $0.count > 1 }).sorted(by: { $0[0] < $1[0] }) {
            warnings.append(
                "the labels \(labels.map { "'\($0)'" }.joined(separator: " and ")) of \(source) differ in case or spaces alone, and "
                    + "are learnt as different ones"
            )
        }
        return warnings
    }

    /// For texts to measure on, which tell little when all have the same label.
    var warningsOfValidation: [String] {
        guard counts.count == 1 else { return [] }
        return ["all texts of \(source) have the label '\(counts[0].label)': an evaluation on them says little"]
    }
}
