import ArgumentParser
import Foundation
import PEFTKit

/// An adapter to go on from instead of a fresh one.
struct StartOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Go on from this adapter instead, written here or by Python's peft, or by its name on the Hugging Face hub.",
            valueName: "dir"
        )
    )
    var fromAdapter: String?

    func validate() throws {
        try Requirement.checkPath(fromAdapter, "--from-adapter")
    }

    /// - Throws: `ValidationError` when there is an adapter to go on from and an option says what it should be.
    func requireNoMethod(_ method: MethodOptions) throws {
        guard fromAdapter != nil else { return }
        let given = (method.choice.method == nil ? [] : ["method"]) + method.given.map(\.name)
        if let option = given.first {
            throw ValidationError("--\(option) cannot be combined with --from-adapter, which brings its own method")
        }
    }

    func folder() async throws -> AdapterFolder? {
        guard let fromAdapter else { return nil }
        return try AdapterFolder(await HubPath(fromAdapter, option: "--from-adapter").folder(.adapter))
    }
}
