import Foundation
import Testing

extension Peft.Outcome {
    /// Expects the command to have refused its input: with the exit code, no results, and one error that contains all of
    /// `parts` and nothing of the program's inside.
    func expectRefusal(
        code: Int32 = 1,
        _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expectRefusal(code: code, parts, sourceLocation: sourceLocation)
    }

    /// The same, with the parts as a list.
    func expectRefusal(
        code: Int32 = 1,
        _ parts: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(status == code, "\(errors)", sourceLocation: sourceLocation)
        #expect(output.isEmpty, sourceLocation: sourceLocation)
        let lines = errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        let starts = lines.indices.filter { lines[$0].hasPrefix("Error: ") }
        #expect(starts.count == 1, "\(errors)", sourceLocation: sourceLocation)
        guard let start = starts.first else { return }
        // A list goes on in indented lines; nothing comes after it.
        #expect(lines[(start + 1)...].allSatisfy { $0.hasPrefix("  ") }, "\(errors)", sourceLocation: sourceLocation)
        let error = lines[start...].joined(separator: "\n") + "\n"
        for part in parts { #expect(error.contains(part), "\(error)", sourceLocation: sourceLocation) }
        for inside in Self.insides {
            #expect(!errors.contains(inside), "\(errors)", sourceLocation: sourceLocation)
        }
    }

    /// What only a programmer would understand.
    private static let insides = [
        "Optional(", "Error(", "Error.", "Domain=", "Swift.", "Foundation.", "PEFTKit", "PEFTFormats", "PEFTModels",
        "PEFTMethods", "PEFTTraining", "PEFTTokenizers", ".swift", "Fatal", "crashed", "nil", "<unknown>", "Couldn’t",
    ]
}

extension Scene {
    /// Runs a command that must be refused and must change nothing on disk.
    ///
    /// - Parameter run: the folder of a run that fails in its course, whose log may stay.
    func expectNothingWritten(
        besidesLogOf run: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async throws {
        let before = try listing()
        try await body()
        let after = try listing().filter { path in
            guard let run else { return true }
            return !(run == path || run.hasPrefix(path + "/") || Self.runFiles.contains { path == "\(run)/\($0)" })
        }
        let logs = run.map { run in Set(Self.runFiles.map { "\(run)/\($0)" }) } ?? []
        #expect(Set(after).subtracting(before).isEmpty, sourceLocation: sourceLocation)
        #expect(before.subtracting(logs).isSubset(of: try listing()), sourceLocation: sourceLocation)
    }
}
