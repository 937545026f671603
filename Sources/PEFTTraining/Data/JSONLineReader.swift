import PEFTFormats
import TextFiles

/// The objects of a file with a JSON object on each line; blank lines are passed over.
struct JSONLineReader {
    private let file: TextFile
    private var lines: TextLines
    /// An object as it should be, for a message.
    private let example: String

    init(_ file: TextFile, example: String) {
        self.file = file
        lines = file.lines
        self.example = example
    }

    /// The next object with its line, or nil at the end.
    mutating func next() throws(DatasetError) -> (object: JSONObject, line: Int)? {
        while let line = lines.next() {
            let bytes = file.bytes[line.range]
            if Self.isBlank(bytes) { continue }
            func error(_ problem: String) -> DatasetError {
                DatasetError(at: SourceLocation(file: file.path, line: line.number), problem: problem)
            }
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONValue(parsing: Array(bytes), source: file.path)
            } catch let fault {
                throw error(Self.describe(fault))
            }
            guard case .object(let object) = value else { throw error("expected a JSON object such as \(example)") }
            return (object, line.number)
        }
        return nil
    }

    /// The parser counts lines from the text it was given, which is one line of the file: only the column says something.
    private static func describe(_ error: JSONError) -> String {
        let problem = "not valid JSON: expected \(error.expected), found \(error.found)"
        guard case .text(_, let column, _) = error.place else { return problem }
        return "\(problem) at column \(column)"
    }

    private static func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
    }
}
