/// A text file that can't be read as what it claims to be: where, and why, in one sentence.
package struct TextFileError: Error, Hashable, CustomStringConvertible {
    /// The file as the caller named it.
    package let path: String
    /// The line the problem starts on, counted from 1; nil when it concerns the whole file.
    package let line: Int?
    /// What is wrong and what to do about it, without the place.
    package let problem: String

    package init(path: String, line: Int? = nil, problem: String) {
        self.path = path
        self.line = line
        self.problem = problem
    }

    package var description: String {
        line.map { "\(path):\($0): \(problem)" } ?? "\(path): \(problem)"
    }
}
