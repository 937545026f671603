import ArgumentParser
import Foundation
import PEFTFormats

/// Where a command's words go: results to standard output, everything else to standard error.
enum Output {
    /// One line of results.
    ///
    /// - Throws: ``CommandError`` when standard output takes no more, for instance because the disk is full.
    static func result(_ line: String) throws {
        try write(line + "\n", to: STDOUT_FILENO)
    }

    /// One JSON value on a line of its own.
    static func result(_ json: JSONValue) throws { try result(json.text(.compact)) }

    /// A part of a result, without an end of line.
    static func piece(_ text: String) throws { try write(text, to: STDOUT_FILENO) }

    /// What asks a person for a line.
    static func prompt(_ text: String) {
        try? write(text, to: STDERR_FILENO)
    }

    /// Something the user should know that is no error.
    static func warn(_ message: String) { note("warning: \(message)") }

    /// One line beside the results.
    static func note(_ line: String) {
        // There is nowhere left to say that nobody listens.
        try? write(line + "\n", to: STDERR_FILENO)
    }

    /// Whether a person reads standard output.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Kernels built without optimisation are tens of times slower; whoever runs such a build should know.
    static func warnAboutDebugBuild() {
        #if DEBUG
        warn("this is a debug build, tens of times slower; build with `swift build -c release`")
        #endif
    }

    private static func write(_ text: String, to descriptor: Int32) throws {
        var text = text
        try text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                guard written >= 0 else {
                    if errno == EINTR { continue }
                    // Whoever read has seen enough. The signal that ends other programs here is often held back: threads
                    // of Swift's pool block it, and a parent process may have it ignored.
                    if errno == EPIPE { throw ExitCode.failure }
                    throw CommandError("cannot write the results: \(String(cString: strerror(errno)))")
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }
}

extension JSONValue {
    /// A number; `null` when it is not finite, which JSON cannot say.
    static func number(of value: Double) -> JSONValue { value.isFinite ? JSONValue(value) : .null }

    /// A float by its shortest exact spelling.
    static func number(of value: Float) -> JSONValue {
        value.isFinite ? (Double("\(value)").map { JSONValue($0) } ?? .null) : .null
    }

    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
