import PEFTKit

/// An error of a run in terms of the files its examples were read from.
enum LocatedTrainingError {
    static func text(of error: TrainingError, in texts: TextDataset) -> String {
        let shown = error.examples.prefix(8).compactMap { texts.location(of: $0)?.description }
        guard !shown.isEmpty else { return error.description }
        let more = error.examples.count > shown.count ? ", …" : ""
        return "\(error.description) (\(shown.joined(separator: ", "))\(more))"
    }
}
