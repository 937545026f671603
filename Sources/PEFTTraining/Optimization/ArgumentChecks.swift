extension TrainingError {
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` unless `holds`.
    static func require(
        _ holds: Bool,
        _ name: String,
        _ value: some CustomStringConvertible,
        _ expected: String
    ) throws {
        guard holds else { throw argument(name: name, value: value.description, expected: expected) }
    }

    /// A decay of a running mean.
    static func require(beta: Double, _ name: String) throws {
        try require(beta >= 0 && beta < 1, name, beta, "at least 0 and below 1")
    }

    /// A weight decay.
    static func require(decay: Double) throws {
        try require(decay.isFinite && decay >= 0, "weight decay", decay, "a number of at least 0")
    }
}
