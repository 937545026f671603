import Foundation
import PEFTFormats

/// How far each pair of a head's features is rotated from one position to the next (Su et al. 2021), as `config.json` says.
struct RotaryFrequencies {
    /// How a context longer than that of the first training was reached.
    private enum Scaling {
        case none
        /// All angles are smaller by a factor.
        case linear(factor: Double)
        /// Small angles are smaller by a factor, large ones are not, and those between are in between (Llama 3.1).
        case llama3(factor: Double, lowFactor: Double, highFactor: Double, originalPositions: Double)
    }

    private let base: Double
    private let scaling: Scaling

    /// Reads `rope_theta` and `rope_scaling`, or `rope_parameters`, which has both.
    init(_ json: JSONReader) throws {
        // As in transformers, an old entry comes before the new one.
        let parameters = try json["rope_scaling"].ifPresent ?? json["rope_parameters"].ifPresent
        base =
            try parameters?["rope_theta"].ifPresent?.double(in: 1...1e12)
            ?? json["rope_theta"].ifPresent?.double(in: 1...1e12) ?? 10_000
        for part in [try json["partial_rotary_factor"], try parameters?["partial_rotary_factor"]] {
            if let part = part?.ifPresent, try part.double() != 1 {
                throw part.error(expected: "1: heads that are rotated in part are not supported")
            }
        }
        scaling = try parameters.map(Self.scaling) ?? .none
    }

    private static func scaling(_ json: JSONReader) throws -> Scaling {
        guard let type = try json["rope_type"].ifPresent ?? json["type"].ifPresent else { return .none }
        func factor(_ key: String) throws -> Double { try json[key].double(in: 1e-6...1e6) }
        switch try type.string() {
        case "default": return .none
        case "linear": return .linear(factor: try factor("factor"))
        case "llama3":
            let (low, high) = (try factor("low_freq_factor"), try factor("high_freq_factor"))
            guard low < high else { throw try json["high_freq_factor"].error(expected: "more than \(low)") }
            return .llama3(
                factor: try factor("factor"),
                lowFactor: low,
                highFactor: high,
                originalPositions: Double(try json["original_max_position_embeddings"].int(in: 1...1 << 24))
            )
        case "dynamic":
            throw type.error(
                expected: "\"default\", \"linear\" or \"llama3\": with \"dynamic\" a text's rotations would depend on "
                    + "the longest text beside it"
            )
        default: throw type.error(expected: "\"default\", \"linear\" or \"llama3\": others are not supported")
        }
    }

    /// One angle for each pair of features, rounded where `transformers` rounds.
    func inverse(headDimension: Int) -> [Float] {
        stride(from: 0, to: headDimension, by: 2).map { feature in
            scaled(1 / pow(Float(base), Float(feature) / Float(headDimension)))
        }
    }

    private func scaled(_ frequency: Float) -> Float {
        switch scaling {
        case .none: return frequency
        case .linear(let factor): return frequency / Float(factor)
        case .llama3(let factor, let low, let high, let original):
            let wavelength = Float(2 * Double.pi) / frequency
            if wavelength < Float(original / high) { return frequency }
            if wavelength > Float(original / low) { return frequency / Float(factor) }
            let share = (Float(original) / wavelength - Float(low)) / Float(high - low)
            return (1 - share) * frequency / Float(factor) + share * frequency
        }
    }
}
