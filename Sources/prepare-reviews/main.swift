import Foundation
import ReviewCorpus
import TextFiles

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 3, let snippets = arguments.first, let folder = arguments.last else {
    fail(
        """
        usage: prepare-reviews SNIPPETS REVIEWS FOLDER

        Joins movieReviewSnippets_GroundTruth.txt (SNIPPETS) with rotten_tomatoes_corpus_full.csv (REVIEWS) and writes
        train.jsonl, validation.jsonl and test.jsonl into FOLDER, split by movie.
        """,
        code: 64
    )
}
do {
    let corpus = ReviewCorpus(
        snippets: try ScoredSnippet.read(TextFile(contentsOf: snippets)),
        reviews: try MovieReview.read(TextFile(contentsOf: arguments[2]))
    )
    try corpus.write(to: URL(fileURLWithPath: folder))
    let counts = Split.allCases.map { "\(corpus.rows[$0, default: []].count) \($0.rawValue)" }
    print("\(folder): \(counts.joined(separator: ", "))")
} catch let error as TextFileError {
    fail(error.description, code: 1)
} catch {
    fail("\(folder): the reviews can't be written: \(error.localizedDescription)", code: 1)
}

func fail(_ message: String, code: Int32) -> Never {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
    exit(code)
}
