package import TextFiles

/// A review with a critic's verdict and the movie it is about.
package struct MovieReview: Hashable, Sendable {
    package let sentiment: Sentiment
    package let text: String
    package let movie: String

    package init(sentiment: Sentiment, text: String, movie: String) {
        self.sentiment = sentiment
        self.text = text
        self.movie = movie
    }

    /// Reads `rotten_tomatoes_corpus_full.csv`: `fresh` and `rotten` reviews are kept, plots left out.
    package static func read(_ file: TextFile) throws(TextFileError) -> [MovieReview] {
        var reader = DelimitedReader(file, separator: ",")
        guard let header = try reader.next() else {
            throw TextFileError(path: file.path, problem: "the file is empty, where a CSV with a header is expected")
        }
        let names = (0..<header.count).map { reader.text(header, $0) }
        var columns: [Int] = []
        for name in ["category", "text", "movie_name"] {
            guard let column = names.firstIndex(of: name) else {
                throw TextFileError(
                    path: file.path,
                    line: 1,
                    problem: "no column '\(name)'; the columns are \(names.joined(separator: ", "))"
                )
            }
            columns.append(column)
        }
        var reviews: [MovieReview] = []
        while let record = try reader.next() {
            guard record.count == names.count else {
                throw TextFileError(
                    path: file.path,
                    line: record.line,
                    problem: "expected \(names.count) fields as in the header, found \(record.count)"
                )
            }
            let sentiment: Sentiment
            switch reader.text(record, columns[0]) {
            case "fresh": sentiment = .positive
            case "rotten": sentiment = .negative
            case "plot": continue
            case let category:
                throw TextFileError(
                    path: file.path,
                    line: record.line,
                    problem: "the category '\(category)' is none of fresh, rotten and plot"
                )
            }
            let (text, movie) = (reader.text(record, columns[1]), reader.text(record, columns[2]))
            reviews.append(MovieReview(sentiment: sentiment, text: text, movie: movie))
        }
        return reviews
    }
}
