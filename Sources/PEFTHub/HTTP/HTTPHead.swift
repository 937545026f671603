import Foundation

/// The head of an answer as it comes, line by line.
struct HTTPHead {
    /// More than any server needs to say.
    private static let longest = 1 << 18

    private var status: Int?
    private var headers: [String: String] = [:]
    private var bytes = 0
    private var isComplete = false
    private var isTaken = false

    /// Adds a line.
    ///
    /// - Returns: whether the head is not too long.
    mutating func add(_ line: String) -> Bool {
        bytes += line.utf8.count
        let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
        if line.hasPrefix("HTTP/") {
            // After an answer that only says that another one follows, that one.
            guard !isTaken else { return true }
            headers = [:]
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        } else if line.isEmpty {
            isComplete = !(100..<200).contains(status ?? 0)
        } else if !isTaken {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if sides.count == 2 {
                headers[sides[0].lowercased()] = sides[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return bytes <= Self.longest
    }

    /// The head, once, when it is complete.
    mutating func takeComplete(from url: URL) -> HTTPResponse? {
        guard isComplete, !isTaken, let status else { return nil }
        isTaken = true
        return HTTPResponse(status: status, headers: headers, url: url)
    }
}
