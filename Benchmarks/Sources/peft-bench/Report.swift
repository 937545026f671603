import Foundation

/// What a measurement prints: one line of JSON, which is what the comparison reads.
func printJSON(_ result: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    print(String(decoding: try encoder.encode(result), as: UTF8.self))
}

/// How long each of `count` calls took, in seconds, after `warmup` that do not count.
func seconds(warmup: Int, count: Int, of body: () async throws -> Void) async rethrows -> [Double] {
    var times: [Double] = []
    for call in 0..<(warmup + count) {
        let start = ContinuousClock.now
        try await body()
        if call >= warmup { times.append((ContinuousClock.now - start) / .seconds(1)) }
    }
    return times
}

extension Collection<Double> {
    /// The middle value, or the mean of the two in the middle; 0 for none.
    var median: Double {
        let sorted = sorted()
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
