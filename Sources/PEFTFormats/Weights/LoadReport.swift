/// What loading a checkpoint did: everything that was not simply read is listed.
public struct LoadReport: Sendable, Equatable, CustomStringConvertible {
    /// The checkpoint.
    public let path: String
    /// The number of tensors that were read.
    public let loadedCount: Int
    /// Their size in the checkpoint, in bytes.
    public let loadedBytes: Int
    /// The keys of the checkpoint that the model has no use for and declares so, sorted.
    public let ignoredKeys: [String]
    /// The keys of the tensors that the checkpoint lacks and that start fresh, sorted.
    public let newlyInitialisedKeys: [String]

    /// A report of what was done by hand; by default of nothing.
    public init(
        path: String,
        loadedCount: Int = 0,
        loadedBytes: Int = 0,
        ignoredKeys: [String] = [],
        newlyInitialisedKeys: [String] = []
    ) {
        self.path = path
        self.loadedCount = loadedCount
        self.loadedBytes = loadedBytes
        self.ignoredKeys = ignoredKeys
        self.newlyInitialisedKeys = newlyInitialisedKeys
    }

    /// One line with the count and size, and one each for what was ignored and what starts fresh.
    public var description: String {
        let tenths = (loadedBytes + 50_000) / 100_000
        let tensors = loadedCount == 1 ? "1 tensor" : "\(loadedCount) tensors"
        var lines = ["\(tensors), \(tenths / 10).\(tenths % 10) MB, from \(path)"]
        if !ignoredKeys.isEmpty { lines.append("ignored: " + ignoredKeys.joined(separator: ", ")) }
        if !newlyInitialisedKeys.isEmpty {
            lines.append("newly initialised: " + newlyInitialisedKeys.joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
    }
}
