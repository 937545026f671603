import ArgumentParser
import Foundation

/// Something that went wrong in a command itself, in one sentence.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// How a command ends when it cannot do what it was asked for.
enum Failure {
    /// Ends the process: help and version with 0, wrong usage with 64, anything else with 1 and one error.
    static func exit(_ error: any Error) -> Never {
        let code = Peft.exitCode(for: error)
        switch code {
        case .success:
            // Help and version come as errors, too; they are results.
            Peft.exit(withError: error)
        case .validationFailure:
            Output.note("Error: \(sentence(Peft.message(for: error))) See '\(invokedCommand) --help'.")
        default:
            // An exit code alone has said its part already.
            if !(error is ExitCode) { Output.note("Error: \(description(of: error))") }
        }
        Foundation.exit(code.rawValue)
    }

    private static func description(of error: any Error) -> String {
        switch error {
        case is CancellationError: "the run was cancelled"
        // Their own descriptions are for programmers.
        case let error as CocoaError: error.localizedDescription
        case let error as POSIXError: error.localizedDescription
        default: "\(error)"
        }
    }

    /// With a full stop, so that another sentence can follow.
    private static func sentence(_ text: String) -> String {
        guard let last = text.last else { return text }
        return ".?!".contains(last) ? text : text + "."
    }

    /// `peft train`, or `peft` where no command was recognised.
    private static var invokedCommand: String {
        let names = Peft.configuration.subcommands.map { "\($0)".lowercased() }
        guard let first = CommandLine.arguments.dropFirst().first, names.contains(first) else { return "peft" }
        return "peft \(first)"
    }
}
