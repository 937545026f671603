/// What a page says about the fence that follows, in a comment that its readers don't see.
package enum ExampleNote: Equatable, Sendable {
    /// `<!-- example: new program -->`: what came before on the page is not in scope.
    case newProgram
    /// `<!-- example: not run: REASON -->`: it is shown, and neither built nor run.
    case notRun(reason: String)
    /// `<!-- example: from FILE -->`: these lines are in that file of the repository.
    case excerpt(file: String)

    /// The note in a line; nil where the line is something else.
    ///
    /// - Throws: ``ExampleError`` for a note that says something unknown.
    init?(comment line: String, place: String) throws {
        let (start, end) = ("<!-- example:", "-->")
        guard line.hasPrefix(start), line.hasSuffix(end) else { return nil }
        let words = line.dropFirst(start.count).dropLast(end.count).trimmed
        if words == "new program" {
            self = .newProgram
        } else if let reason = words.after("not run:") {
            self = .notRun(reason: reason)
        } else if let file = words.after("from ") {
            self = .excerpt(file: file)
        } else {
            throw ExampleError(
                "\(place): 'example: \(words)' is not understood; say 'new program', 'not run: REASON' or 'from FILE'"
            )
        }
    }
}

extension StringProtocol {
    /// Without spaces at both ends.
    var trimmed: String {
        let start = drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }

    /// What follows `start`; nil unless something does.
    fileprivate func after(_ start: String) -> String? {
        guard hasPrefix(start) else { return nil }
        let rest = dropFirst(start.count).trimmed
        return rest.isEmpty ? nil : rest
    }
}
