import PEFTFormats

/// A folder that a command wrote, for people and for scripts.
enum FolderResult {
    /// - Parameter entries: what scripts learn beside the path.
    static func write(_ sentence: String, output: String, _ entries: [(String, JSONValue)], json: Bool) throws {
        guard json else { return try Output.result("\(sentence) \(output)") }
        try Output.result(.object(JSONObject([("output", .string(output))] + entries)))
    }
}
