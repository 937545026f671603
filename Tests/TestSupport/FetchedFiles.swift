package import Foundation

/// What `Scripts/fetch.sh` fetches; a test that needs it runs where it's there.
///
/// ```swift
/// @Suite("Real reviews", .enabled(if: FetchedFiles.canTest("reviews"), "run 'make fetch' first"))
/// ```
package enum FetchedFiles {
    /// The file or folder `name` of the cache, such as `minilm` or `reviews/train.jsonl`.
    package static func url(_ name: String) -> URL {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["PEFTKIT_CACHE"] ?? "\(environment["HOME"] ?? "")/.cache/peftkit"
        return URL(fileURLWithPath: cache).appendingPathComponent(name)
    }

    /// Whether tests of `name` should run: it is there, or must be, so that its absence fails them.
    package static func canTest(_ name: String) -> Bool {
        ProcessInfo.processInfo.environment["PEFTKIT_REQUIRE_MODEL"] == "1"
            || FileManager.default.fileExists(atPath: url(name).path)
    }
}
