import Foundation
import ReviewCorpus
import Testing
import TextFiles

/// Where `Scripts/fetch.sh` leaves the two published sets.
private let sources: URL = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["PEFTKIT_CACHE"] ?? "\(environment["HOME"] ?? "")/.cache/peftkit"
    return URL(fileURLWithPath: cache).appendingPathComponent("review-sources")
}()

@Suite("The real reviews", .enabled(if: FileManager.default.fileExists(atPath: sources.path), "run make fetch first"))
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
        let texts = rows.values.joined().map { ReviewCorpus.lettersAndDigits($0.text) }
        #expect(Set(texts).count == texts.count)
    }

    private func read(_ name: String) throws -> TextFile {
        try TextFile(contentsOf: sources.appendingPathComponent(name).path)
    }
}
