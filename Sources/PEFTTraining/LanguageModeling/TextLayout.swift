/// How documents become examples of at most so many tokens.
///
/// Examples of uneven length cost nothing here, since batches are ragged: a step has as many tokens as its texts, and no text
/// sees another. What TRL's `packing` makes up for, padding, does not exist, so that there is nothing to pack.
public enum TextLayout: String, Sendable, CaseIterable {
    /// A document is one example; what is too long is cut off at its end, as TRL does without packing.
    case separate
    /// A document is as many examples as it takes, one block after the other.
    case split
    /// All documents are laid end to end, and cut into blocks that may begin and end anywhere: what `transformers`' examples
    /// do in `group_texts` and TRL calls `wrapped`. The last block may be short.
    case blocks
}

/// The tokens of a document, before they are cut.
struct DocumentTokens: Sendable {
    var ids: [Int32]
    /// Whether each is to be predicted.
    var isPredicted: [Bool]

    /// Consecutive blocks that hold something to predict.
    ///
    /// A block that is not the first begins with the last `overlap` tokens of the one before, as what comes before its own;
    /// they are not predicted a second time.
    ///
    /// - Parameter length: the number of tokens of a block, more than `overlap`.
    /// - Returns: the blocks, each with the index of its first token.
    func blocks(of length: Int, overlap: Int) -> [(start: Int, example: LanguageModelExample)] {
        precondition(overlap >= 0 && overlap < length, "a block of \(length) tokens repeats fewer than these")
        var blocks: [(start: Int, example: LanguageModelExample)] = []
        var (start, done) = (0, 0)
        while done < ids.count {
            let end = min(start + length, ids.count)
            let marks = Array(repeating: false, count: done - start) + isPredicted[done..<end]
            let example = LanguageModelExample(ids: Array(ids[start..<end]), isPredicted: marks)
            if example.predictedCount > 0 { blocks.append((start, example)) }
            done = end
            start = end - overlap
        }
        return blocks
    }
}
