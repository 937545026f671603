import PEFTTensor

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the rotation's frequencies are divided by, in the tensor `rope_freqs.weight`, as the `rope_scaling` of Llama 3.1.
///
/// With λ = 2π θ^(2i/d) the wavelength of a pair, c the context it was trained for, f the factor and low and high the limits:
/// 1 below c / high, f above c / low, and between them 1 / ((1 − s) / f + s) with s = (c / λ − low) / (high − low). The file
/// has only the results; all models of this kind have low 1, high 4 and c 8192, and f is the largest of them. The result is
/// computed again from these and compared.
struct GGUFFrequencyFactors {
    private let factor: Double
    private static let (low, high, context) = (1.0, 4.0, 8192.0)
    private static let tolerance = 1e-4

    /// - Throws: ``GGUFError`` when the tensor is not what these numbers give.
    init(_ entry: GGUFEntry, in file: GGUFFile, headWidth: Int) throws(GGUFError) {
        let base = try file.double("llama.rope.freq_base") ?? 10000
        let factors = try file.tensor(named: entry.name).elements.map(Double.init)
        let factor = factors.max() ?? 1
        let fits =
            factors.count == headWidth / 2
            && factors.enumerated().allSatisfy { index, found in
                let wavelength = 2 * .pi * pow(base, Double(2 * index) / Double(headWidth))
                let expected = Self.expected(wavelength, factor)
                return abs(found - expected) <= Self.tolerance * expected
            }
        guard fits else {
            throw GGUFError(
                path: file.path,
                place: .tensor(entry.name),
                offset: entry.byteRange.lowerBound,
                reason:
                    "the factors of the rotation are not those of Llama 3.1 and its successors, and others have no place "
                    + "in config.json; take a checkpoint in safetensors"
            )
        }
        self.factor = factor
    }

    var scaling: JSONValue {
        [
            "rope_type": "llama3",
            "factor": JSONValue(factor),
            "low_freq_factor": JSONValue(Self.low),
            "high_freq_factor": JSONValue(Self.high),
            "original_max_position_embeddings": JSONValue(Int(Self.context)),
        ]
    }

    private static func expected(_ wavelength: Double, _ factor: Double) -> Double {
        if wavelength < context / high { return 1 }
        if wavelength > context / low { return factor }
        let smooth = (context / wavelength - low) / (high - low)
        return 1 / ((1 - smooth) / factor + smooth)
    }
}
