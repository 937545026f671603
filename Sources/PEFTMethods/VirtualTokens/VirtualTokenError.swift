import PEFTModels

/// A number of virtual tokens that cannot be.
public enum VirtualTokenError: Error, CustomStringConvertible {
    /// Fewer than one.
    case count(Int, method: String)
    /// More than the model has positions beside at least one of a text.
    case noRoom(Int, positions: Int, method: String)

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .count(let count, let method):
            "the number of virtual tokens of \(method) must be at least 1, not \(count)"
        case .noRoom(let count, let positions, let method):
            "\(count) virtual tokens of \(method) leave no room for a text in the \(positions) positions of the model; "
                + "there must be at most \(positions - 1)"
        }
    }

    static func check(_ count: Int, of method: String) throws {
        guard count > 0 else { throw VirtualTokenError.count(count, method: method) }
    }

    static func check(_ count: Int, of method: String, in model: some AdaptableModel) throws {
        try check(count, of: method)
        guard count < model.maximumLength else {
            throw VirtualTokenError.noRoom(count, positions: model.maximumLength, method: method)
        }
    }
}
