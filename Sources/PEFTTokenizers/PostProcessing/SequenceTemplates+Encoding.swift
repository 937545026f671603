extension SequenceTemplates {
    /// Encodes a text or a pair of texts, cut to a length.
    ///
    /// - Parameter ids: the ids of a text alone; of the first so many, if a number is given, and maybe some more.
    /// - Throws: ``TokenizerError`` when no truncation of this kind keeps to `maximumLength`.
    func encode(
        _ text: String,
        pair: String?,
        maximumLength: Int?,
        truncation: TruncationStrategy,
        ids: (_ text: String, _ room: Int?) -> [Int32]
    ) throws -> Encoding {
        let template = pair == nil ? single : self.pair
        if let maximumLength, maximumLength < template.specialTokenCount {
            throw TokenizerError.maximumLengthTooSmall(
                maximumLength: maximumLength,
                specialTokens: template.specialTokenCount
            )
        }
        let room = maximumLength.map { $0 - template.specialTokenCount }
        // Of a single text only a beginning stays. Of a pair, how both are cut depends on their whole lengths.
        let first = ids(text, pair == nil ? room : nil)
        let second = pair.map { ids($0, nil) }
        var lengths = (first: first.count, second: second?.count)
        if let room {
            lengths = try truncation.lengths(first: first.count, second: second?.count, room: room)
        }
        return template.fill(
            first: first.prefix(lengths.first),
            second: second?.prefix(lengths.second ?? 0) ?? []
        )
    }
}
