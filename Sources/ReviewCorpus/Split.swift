import Digests

/// The part of the corpus that a movie's reviews belong to; the raw value is the file's name.
///
/// Whole movies are assigned, so that no review of a movie seen in training is tested on.
package enum Split: String, CaseIterable, Sendable {
    case train
    case validation
    case test

    /// The first 32 bits of the SHA-256 of the movie's name, modulo 100: 70 parts train, 10 validate, 20 test.
    package init(movie: String) {
        let prefix = SHA256.hash(movie.utf8).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        switch prefix % 100 {
        case ..<70: self = .train
        case ..<80: self = .validation
        default: self = .test
        }
    }
}
