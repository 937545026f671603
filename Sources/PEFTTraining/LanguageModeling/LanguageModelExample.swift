import PEFTFormats
import PEFTModels

/// A tokenized text, and which of its tokens are to be predicted from those before them.
public struct LanguageModelExample: TokenizedExample, Equatable {
    /// The token ids.
    public let ids: [Int32]
    /// Whether each token is to be predicted; never the first, since nothing is before it.
    public let isPredicted: [Bool]

    /// A text whose tokens are to be predicted, or some of them.
    ///
    /// - Parameters:
    ///   - ids: the tokens.
    ///   - isPredicted: whether each of them is to be predicted; all but the first when nil. What it says of the first does
    ///     not count.
    /// - Precondition: `isPredicted` has an element for each token.
    public init(ids: [Int32], isPredicted: [Bool]? = nil) {
        precondition(isPredicted.map { $0.count == ids.count } ?? true, "every token is to be predicted or not")
        self.ids = ids
        var marks = isPredicted ?? Array(repeating: true, count: ids.count)
        if !marks.isEmpty { marks[0] = false }
        self.isPredicted = marks
    }

    /// All 0: a language model's text has one segment.
    public var typeIDs: [Int32] { Array(repeating: 0, count: ids.count) }

    /// The number of tokens that are to be predicted.
    public var predictedCount: Int { isPredicted.count { $0 } }
}

extension LanguageModelExample {
    /// Adds the tokens, and which of them are to be predicted, to a digest.
    func addContent(to digest: inout ContentDigest) {
        digest.add(ids)
        digest.add(isPredicted.map { $0 ? 1 : 0 })
    }

    /// Why a model cannot predict this text, as the rest of a sentence that begins with it; nil when it can.
    func fault(predictedBy model: some AdaptableModel) -> String? {
        fault(for: model) ?? (predictedCount > 0 ? nil : "has no token that is to be predicted")
    }
}
