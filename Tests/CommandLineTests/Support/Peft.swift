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
        get throws {
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("peft").path
        }
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
        // Files, since a full pipe would stop the process while nobody reads it.
        let streams = try Streams()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = streams.output
        process.standardError = streams.errors
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { ended in
                let signal = ended.terminationReason == .uncaughtSignal
                done.resume(returning: ended.terminationStatus + (signal ? 128 : 0))
            }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                done.resume(throwing: error)
            }
        }
        return Outcome(status: status, output: try streams.text(of: "out"), errors: try streams.text(of: "err"))
    }

    /// Files for the two streams of a process, removed at the end.
    private final class Streams {
        let folder: TemporaryFolder
        let output: FileHandle
        let errors: FileHandle

        init() throws {
            folder = try TemporaryFolder()
            output = try FileHandle(forWritingTo: folder.write([], to: "out"))
            errors = try FileHandle(forWritingTo: folder.write([], to: "err"))
        }

        func text(of name: String) throws -> String {
            String(decoding: try Data(contentsOf: folder.url.appendingPathComponent(name)), as: UTF8.self)
        }
    }
}
