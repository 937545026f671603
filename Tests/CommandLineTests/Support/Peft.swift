import Foundation
import PEFTFormats
import TestSupport

/// The `peft` command as a user runs it: a process with arguments, two streams and an exit code.
struct Peft {
    /// What a run left behind.
    struct Outcome {
        /// The exit code, or 128 and the signal's number as shells have it.
        let status: Int32
        /// Standard output.
        let output: String
        /// Standard error.
        let errors: String

        /// The lines of standard output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The one JSON value of standard output.
        func json() throws -> JSONReader {
            JSONReader(try JSONValue(parsing: Array(output.utf8), source: "standard output"), source: "standard output")
        }

        /// The JSON value of each line of standard output.
        func jsonLines() throws -> [JSONReader] {
            try lines.map { JSONReader(try JSONValue(parsing: Array($0.utf8), source: $0), source: $0) }
        }
    }

    /// The executable beside the tests' own.
    static var executable: String {
        get throws { try Command.products.appendingPathComponent("peft").path }
    }

    /// Runs `peft` to its end.
    ///
    /// - Parameter environment: variables beside those of the tests.
    static func run(
        _ arguments: [String],
        in folder: URL? = nil,
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await finish(try executable, arguments, in: folder, environment: environment)
    }

    /// Runs a script of the shell, in which `$PEFT` is the command, to its end.
    static func shell(_ script: String, in folder: URL? = nil) async throws -> Outcome {
        try await finish("/bin/sh", ["-c", "PEFT='\(try executable)'; \(script)"], in: folder)
    }

    /// Starts `peft` and returns at once; its streams go to `log`.
    static func start(_ arguments: [String], log: URL) throws -> Process {
        try Data().write(to: log)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try executable)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        return process
    }

    private static func finish(
        _ executable: String,
        _ arguments: [String],
        in folder: URL?,
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let command = try await Command.run(executable, arguments, in: folder, environment: all)
        return Outcome(status: command.status, output: command.output, errors: command.errors)
    }
}
