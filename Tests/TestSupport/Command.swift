package import Foundation

/// A program run to its end, with its exit code and what it wrote.
package struct Command: Sendable {
    /// The exit code, or 128 and the signal's number as shells have it.
    package let status: Int32
    /// Standard output.
    package let output: String
    /// Standard error.
    package let errors: String

    /// Runs a program without input.
    ///
    /// - Parameters:
    ///   - folder: where it runs; nil for where the tests do.
    ///   - environment: in place of the tests' own.
    package static func run(
        _ executable: String,
        _ arguments: [String],
        in folder: URL? = nil,
        environment: [String: String]? = nil
    ) async throws -> Command {
        // Files, since a full pipe would stop the process while nobody reads it.
        let streams = try Streams()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        if let environment { process.environment = environment }
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
        return Command(status: status, output: try streams.text(of: "out"), errors: try streams.text(of: "err"))
    }

    /// The folder of the built executables, where the tests' own is.
    package static var products: URL {
        get throws {
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: tests).deletingLastPathComponent()
        }
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
