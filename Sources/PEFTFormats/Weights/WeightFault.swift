public import PEFTTensor

/// One tensor of a checkpoint that does not fit the model.
public struct WeightFault: Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    public enum Problem: Sendable, Equatable {
        /// The model needs it and the checkpoint has none of its names.
        case missing(expected: Shape)
        /// The checkpoint has it and nobody asked for it.
        case unexpected(StoredType, Shape)
        /// It has other extents than the model needs.
        case misshaped(expected: Shape, found: Shape)
        /// Its elements are no floats.
        case mistyped(found: ElementType)
    }

    /// The tensor's key in the checkpoint.
    public let key: String
    /// What is wrong with it.
    public let problem: Problem

    /// One line: the problem, the key, what was expected and what was found.
    public var description: String {
        switch problem {
        case .missing(let expected): "missing: \(key) \(expected)"
        case .unexpected(let type, let shape): "unexpected: \(key) \(type) \(shape)"
        case .misshaped(let expected, let found): "wrong shape: \(key): expected \(expected), found \(found)"
        case .mistyped(let found): "wrong type: \(key): expected floats (F32, F16, BF16 or F64), found \(found)"
        }
    }

    func precedes(_ other: WeightFault) -> Bool {
        rank == other.rank ? key.precedesByBytes(other.key) : rank < other.rank
    }

    private var rank: Int {
        switch problem {
        case .missing: 0
        case .unexpected: 1
        case .misshaped: 2
        case .mistyped: 3
        }
    }
}

/// A checkpoint that does not fit the model it is loaded into, with every tensor at fault.
public struct WeightError: Error, Equatable, CustomStringConvertible {
    /// The checkpoint.
    public let path: String
    /// All faults: missing, unexpected, mis-shaped, mis-typed, each sorted by key.
    public let faults: [WeightFault]

    /// One line with the count, then one for each fault.
    public var description: String {
        let count = faults.count == 1 ? "1 tensor does" : "\(faults.count) tensors do"
        return "\(path): \(count) not fit the model:" + faults.map { "\n  \($0)" }.joined()
    }
}
