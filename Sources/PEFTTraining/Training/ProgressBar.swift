/// How much of something is done, with what else there is to say of it: behind a bar, or as a line.
package struct ProgressBar {
    private static let separator = "  "
    private static let longestBar = 30
    private static let shortestBar = 5

    /// From 0 to 1.
    private let share: Double
    /// The parts of a line in their order; the lighter ones are left out first.
    private let fields: [(text: String, weight: Int)]

    package init(share: Double, fields: [(text: String, weight: Int)]) {
        self.share = share
        self.fields = fields
    }

    /// For a file or a pipe.
    package var line: String { Self.text(fields) }

    /// With a bar, in fewer than `columns` characters: a full line would move the cursor to the next.
    ///
    /// Where it is narrow the bar goes first, then the fields by their weights.
    package func bar(columns: Int, isUnicode: Bool) -> String {
        let room = max(0, columns - 1)
        var fields = fields
        while Self.text(fields).count > room,
            let least = fields.indices.min(by: { fields[$0].weight < fields[$1].weight }), fields.count > 1
        {
            fields.remove(at: least)
        }
        let text = String(Self.text(fields).prefix(room))
        let width = min(Self.longestBar, room - text.count - 1)
        guard width >= Self.shortestBar else { return text }
        // A hair more, so that a share that is a whole number of characters is one in spite of rounding.
        let filled = min(width, Int(Double(width) * share + 1e-9))
        let (full, empty) = isUnicode ? ("█", "░") : ("#", "-")
        return String(repeating: full, count: filled) + String(repeating: empty, count: width - filled) + " " + text
    }

    private static func text(_ fields: [(text: String, weight: Int)]) -> String {
        fields.map(\.text).joined(separator: separator)
    }
}
