import Foundation

/// How long the learning rate rises from 0 before its schedule begins.
public enum Warmup: Hashable, Sendable {
    /// A number of optimizer steps.
    case steps(Int)
    /// A part of all optimizer steps, rounded up, as in `transformers`.
    case ratio(Double)

    /// No warm-up: the first step already has the schedule's first learning rate.
    public static let none = Warmup.steps(0)

    /// The number of steps in a run of `total`.
    public func steps(of total: Int) -> Int {
        switch self {
        case .steps(let steps): steps
        case .ratio(let ratio): Int((Double(total) * ratio).rounded(.up))
        }
    }

    /// t / w in step t of a warm-up over w steps, counted from 0: the first has learning rate 0, and the one after the
    /// warm-up is the first with the whole. Nil after it.
    func factor(step: Int, total: Int) -> Double? {
        let steps = steps(of: total)
        return step < steps ? Double(step) / Double(steps) : nil
    }

    /// (t − w) / (T − w), the part of what follows the warm-up that lies behind step t.
    func progress(step: Int, total: Int) -> Double {
        let steps = steps(of: total)
        return Double(step - steps) / Double(max(1, total - steps))
    }

    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for a negative number, or a ratio outside of 0 to 1.
    func validate() throws {
        switch self {
        case .steps(let steps):
            try TrainingError.require(steps >= 0, "number of warm-up steps", steps, "at least 0")
        case .ratio(let ratio):
            try TrainingError.require(ratio >= 0 && ratio <= 1, "warm-up ratio", ratio, "from 0 to 1")
        }
    }
}

extension Warmup: Codable {
    private enum CodingKeys: String, CodingKey {
        case steps, ratio
    }

    /// Reads `{"steps": 100}` or `{"ratio": 0.1}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let ratio = try container.decodeIfPresent(Double.self, forKey: .ratio) {
            self = .ratio(ratio)
        } else {
            self = .steps(try container.decode(Int.self, forKey: .steps))
        }
    }

    /// Writes `{"steps": 100}` or `{"ratio": 0.1}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .steps(let steps): try container.encode(steps, forKey: .steps)
        case .ratio(let ratio): try container.encode(ratio, forKey: .ratio)
        }
    }
}
