import PEFTFormats
public import PEFTTraining

/// An evaluation in full, from `evaluation.json`.
public struct RunEvaluation: Sendable {
    /// An example that the model got wrong.
    public struct Mistake: Sendable {
        /// What the model read.
        public let text: String
        /// Where it stands, as in `val.jsonl:12`.
        public let location: String
        /// The label it has.
        public let label: String
        /// The label the model gave it.
        public let predicted: String
        /// The probability the model gave that label.
        public let probability: Double
    }

    /// The number of optimizer steps taken before it.
    public let step: Int
    /// The mean loss.
    public let loss: Double
    /// The metrics, in the order of the file.
    public let metrics: [EvaluationReport.MetricValue]
    /// How often each label was taken for which; nil for a task without labels.
    public let confusion: RunConfusion?
    /// The examples that the model got wrong with the most confidence, the worst first.
    public let mistakes: [Mistake]
}

/// How often examples of each label were taken for which: rows are what they are, columns what the model says.
public struct RunConfusion: Sendable {
    /// The labels, of rows and columns.
    public let labels: [String]
    /// The counts, by row and column.
    public let counts: [[Int]]

    /// Of the examples that were given the label at `index`, the part that has it; NaN when there are none.
    public func precision(_ index: Int) -> Double {
        Double(counts[index][index]) / Double(counts.reduce(0) { $0 + $1[index] })
    }

    /// Of the examples that have the label at `index`, the part that was given it; NaN when there are none.
    public func recall(_ index: Int) -> Double { Double(counts[index][index]) / Double(examples(index)) }

    /// The harmonic mean 2 · P · R / (P + R) = 2 · TP / (given + have); NaN when no example has or was given the label.
    public func f1(_ index: Int) -> Double {
        2 * Double(counts[index][index]) / Double(examples(index) + counts.reduce(0) { $0 + $1[index] })
    }

    /// The number of examples that have the label at `index`.
    public func examples(_ index: Int) -> Int { counts[index].reduce(0, +) }
}

extension RunEvaluation {
    init(_ reader: JSONReader) throws(JSONError) {
        step = try reader["step"].count()
        loss = try reader["loss"].doubleOrNull()
        metrics = try EvaluationReport.MetricValue.all(reader["metrics"])
        confusion = try reader["confusion"].ifPresent.map { counts throws(JSONError) in
            try RunConfusion(counts, labels: reader["labels"].strings())
        }
        var mistakes: [Mistake] = []
        for element in try reader["mistakes"].ifPresent?.elements() ?? [] { mistakes.append(try Mistake(element)) }
        self.mistakes = mistakes
    }
}

extension RunEvaluation.Mistake {
    init(_ reader: JSONReader) throws(JSONError) {
        text = try reader["text"].string()
        location = try reader["location"].string()
        label = try reader["label"].string()
        predicted = try reader["predicted"].string()
        probability = try reader["probability"].doubleOrNull()
    }
}

extension RunConfusion {
    init(_ reader: JSONReader, labels: [String]) throws(JSONError) {
        var rows: [[Int]] = []
        for element in try reader.elements() {
            let row = try element.elements()
            guard row.count == labels.count else {
                throw element.error(expected: "\(labels.count) counts, one for each label", found: "\(row.count)")
            }
            var counts: [Int] = []
            for count in row { counts.append(try count.int(in: 0...Self.maximum)) }
            rows.append(counts)
        }
        guard rows.count == labels.count else {
            throw reader.error(expected: "\(labels.count) rows, one for each label", found: "\(rows.count)")
        }
        self.labels = labels
        counts = rows
    }

    /// Sums of a matrix of such counts stay far from overflow.
    private static let maximum = 1 << 40
}
