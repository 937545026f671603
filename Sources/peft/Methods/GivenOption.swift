import ArgumentParser

/// An option that a user gave, and the methods that have it.
struct GivenOption {
    /// Its name without the dashes.
    let name: String
    /// The names of the methods that have it.
    let methods: [String]

    /// The options of a group that were given, in their order.
    static func list(_ options: [(name: String, isGiven: Bool, methods: [String])]) -> [GivenOption] {
        options.filter(\.isGiven).map { GivenOption(name: $0.name, methods: $0.methods) }
    }

    /// - Throws: `ValidationError` when none of the chosen methods has it.
    func requireUse(by chosen: [String]) throws {
        guard !methods.contains(where: chosen.contains) else { return }
        throw ValidationError(
            "--\(name) belongs to the \(methods.count == 1 ? "method" : "methods") \(methods.joined(separator: ", ")), "
                + "not to \(chosen.joined(separator: ", "))"
        )
    }
}
