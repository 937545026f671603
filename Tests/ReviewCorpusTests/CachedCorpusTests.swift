import Foundation
import ReviewCorpus
import TestSupport
import Testing
import TextFiles

@Suite("The real reviews", .enabled(if: FetchedFiles.canTest("review-sources"), "run 'make fetch' first"))
struct CachedCorpusTests {
    @Test("join and split give 7,104, 1,047 and 1,604 rows, and no text twice")
    func counts() throws {
        let snippets = try ScoredSnippet.read(read("movieReviewSnippets_GroundTruth.txt"))
        let reviews = try MovieReview.read(read("rotten_tomatoes_corpus_full.csv"))
        #expect(snippets.count == 10_605)
        #expect(reviews.count == 12_808)
        let rows = ReviewCorpus(snippets: snippets, reviews: reviews).rows
        #expect(rows[.train]?.count == 7_104)
        #expect(rows[.validation]?.count == 1_047)
        #expect(rows[.test]?.count == 1_604)
        #expect(rows[.train]?.count { $0.label == .positive } == 3_452)
        #expect(rows[.test]?.count { $0.label == .positive } == 839)
        let firstRows = try #require(rows[.train]?.prefix(2_000))
        #expect((900...1_100).contains(firstRows.count { $0.label == .positive }))
        let texts = rows.values.joined().map { ReviewCorpus.lettersAndDigits($0.text) }
        #expect(Set(texts).count == texts.count)
    }

    private func read(_ name: String) throws -> TextFile {
        try TextFile(contentsOf: FetchedFiles.url("review-sources/\(name)").path)
    }
}
