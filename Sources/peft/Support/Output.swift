import Foundation
import PEFTFormats

/// Where a command's words go: results to standard output, everything else to standard error.
enum Output {
    /// One line of results.
    static func result(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// One JSON value on a line of its own.
    static func result(_ json: JSONValue) { result(json.text(.compact)) }

    /// Something the user should know that is no error.
    static func warn(_ message: String) { note("warning: \(message)") }

    /// One line beside the results.
    static func note(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// Whether a person reads standard output.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Kernels built without optimisation are tens of times slower; whoever runs such a build should know.
    static func warnAboutDebugBuild() {
        #if DEBUG
        warn("this is a debug build, tens of times slower; build with `swift build -c release`")
        #endif
    }
}

extension JSONValue {
    /// A number; `null` when it is not finite, which JSON cannot say.
    static func number(of value: Double) -> JSONValue { value.isFinite ? JSONValue(value) : .null }

    /// A float by its shortest exact spelling.
    static func number(of value: Float) -> JSONValue {
        value.isFinite ? (Double("\(value)").map { JSONValue($0) } ?? .null) : .null
    }
}
