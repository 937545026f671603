import PEFTKit

/// An error of a run in terms of the files its examples were read from.
enum LocatedTrainingError {
    static func text(of error: TrainingError, _ location: (Int) -> SourceLocation?) -> String {
        let shown = error.examples.prefix(8).compactMap { location($0)?.description }
        guard !shown.isEmpty else { return error.description }
        let more = error.examples.count > shown.count ? ", …" : ""
        return "\(error.description) (\(shown.joined(separator: ", "))\(more))"
    }
}
