/// How a run that was stopped is gone on with.
enum ResumeCommand {
    /// The command that was given, with `--resume` and nothing that contradicts it.
    static func text(of arguments: [String]) -> String {
        var words = arguments.filter { $0 != "--overwrite-output-dir" }
        if let first = words.first { words[0] = first.split(separator: "/").last.map(String.init) ?? first }
        if let index = words.firstIndex(where: { $0 == "--resume" || $0.hasPrefix("--resume=") }) {
            let hasValue = words[index] == "--resume" && index + 1 < words.count && !words[index + 1].hasPrefix("-")
            words.removeSubrange(index...(hasValue ? index + 1 : index))
        }
        return (words + ["--resume"]).map(quoted).joined(separator: " ")
    }

    /// A word as the shell reads it back.
    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_./=,:+@%".utf8.contains(byte)
            }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
