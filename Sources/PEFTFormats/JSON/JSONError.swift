/// A fault in a JSON text, or a value in it that is not what the reader expected.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// Where the fault lies.
    public enum Place: Sendable, Equatable {
        /// A place in the text; lines and columns count from 1, columns in Unicode scalars, `offset` in bytes.
        case text(line: Int, column: Int, offset: Int)
        /// A value, as in `text_config.layers[2]`; empty for the outermost.
        case value(path: String)
    }

    /// What the text is called, usually the file's name.
    public let source: String
    /// Where the fault lies.
    public let place: Place
    /// What should have been there.
    public let expected: String
    /// What is there.
    public let found: String

    /// A fault at `place`.
    public init(source: String, place: Place, expected: String, found: String) {
        self.source = source
        self.place = place
        self.expected = expected
        self.found = found
    }

    /// One line: the source, the place, what was expected and what was found.
    public var description: String {
        switch place {
        case .text(let line, let column, _): "\(source):\(line):\(column): expected \(expected), found \(found)"
        case .value(path: ""): "\(source): expected \(expected), found \(found)"
        case .value(let path): "\(source): \(path): expected \(expected), found \(found)"
        }
    }
}
