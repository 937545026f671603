import Digests

/// Reviews that people and critics agree on, split by movie.
///
/// Two published sets hold mostly the same sentences: one with mean human scores, the other with a critic's verdict and
/// the movie's name. Joined, each row has a label that both vouch for, and the name lets the split keep movies apart.
package struct ReviewCorpus: Hashable, Sendable {
    /// The rows of each split, in the order of their texts' SHA-256.
    ///
    /// The snippets come sorted by label; in this order the first rows of a split are a fair sample of it.
    package let rows: [Split: [LabeledReview]]

    /// Joins the two sets.
    ///
    /// A snippet is kept, with its own text, when its score is past ±0.5, a review has the same letters and digits, and
    /// both judge alike. Of reviews that share a text the last counts, of snippets the first.
    package init(snippets: [ScoredSnippet], reviews: [MovieReview]) {
        var reviewsByText: [[UInt8]: MovieReview] = [:]
        for review in reviews {
            reviewsByText[Self.lettersAndDigits(review.text)] = review
        }
        var rows: [Split: [LabeledReview]] = Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, []) })
        var seen: Set<[UInt8]> = []
        for snippet in snippets {
            let key = Self.lettersAndDigits(snippet.text)
            guard let review = reviewsByText[key], seen.insert(key).inserted else { continue }
            guard abs(snippet.score) > 0.5 else { continue }
            let label: Sentiment = snippet.score > 0 ? .positive : .negative
            guard label == review.sentiment else { continue }
            rows[Split(movie: review.movie), default: []].append(LabeledReview(text: snippet.text, label: label))
        }
        self.rows = rows.mapValues(Self.orderedByHash)
    }

    private static func orderedByHash(_ rows: [LabeledReview]) -> [LabeledReview] {
        rows.map { (hash: SHA256.hash($0.text.utf8), row: $0) }
            .sorted { $0.hash.lexicographicallyPrecedes($1.hash) }
            .map(\.row)
    }

    /// The lower-cased ASCII letters and digits: what the two sets' differing punctuation and accents leave alone.
    package static func lettersAndDigits(_ text: String) -> [UInt8] {
        text.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
            default: nil
            }
        }
    }
}
