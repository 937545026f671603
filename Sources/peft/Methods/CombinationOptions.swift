import ArgumentParser
import PEFTKit

/// Which LoRAs are combined, and how.
struct CombinationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A LoRA's folder, its name, and its weight (1 when left out); may be repeated.",
            valueName: "name=dir:w"
        )
    )
    var adapter: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The weights of all adapters instead, separated by commas.", valueName: "numbers")
    )
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "cat, linear, svd, magnitude_prune, ties, dare_linear, dare_ties, or a pruning one with _svd. (default: cat)",
            valueName: "name"
        )
    )
    var kind: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The share of elements that pruning keeps, above 0 and at most 1.", valueName: "d")
    )
    var density: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The rank of the svd kinds' result; by default the largest given.", valueName: "r")
    )
    var rank: Int?

    @Option(help: ArgumentHelp("Whose sign counts for the ties kinds: total or frequency. (default: total)"))
    var majoritySign: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The quantile that the svd kinds clamp A and B to, above 0.5.", valueName: "q")
    )
    var clampQuantile: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Decides what the dare kinds prune. (default: 0)", valueName: "n")
    )
    var seed: UInt64?

    @Option(help: ArgumentHelp("Whose head the result has; by default the first adapter's.", valueName: "name"))
    var head: String?

    func validate() throws {
        let names = try terms().compactMap(\.reference.name)
        guard !names.isEmpty else { throw ValidationError("give at least one --adapter NAME=DIR") }
        try AdapterReference.requireDistinct(names, option: "adapter")
        _ = try headNumber()
        try requireUse()
        try Requirement.check { try recipe().validate() }
    }

    /// The adapters with their weights.
    func terms() throws -> [(reference: AdapterReference, weight: Double)] {
        let terms = try adapter.map(Self.term)
        guard let weights else { return terms.map { ($0.reference, $0.weight ?? 1) } }
        guard terms.allSatisfy({ $0.weight == nil }) else {
            throw ValidationError("give weights either with --weights or behind the adapters' folders")
        }
        let numbers = weights.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        guard !numbers.contains(nil), numbers.count == terms.count else {
            throw ValidationError(
                "--weights \"\(weights)\" must be as many numbers as there are adapters, \(terms.count), separated by commas"
            )
        }
        return zip(terms, numbers).map { ($0.reference, $1 ?? 1) }
    }

    /// The number of the adapter whose head the result has, from 1 on.
    func headNumber() throws -> Int {
        guard let head else { return 1 }
        let names = try terms().map { $0.reference.name ?? "" }
        guard let index = names.firstIndex(of: head) else {
            throw ValidationError("--head must be one of \(names.joined(separator: ", ")), not \(head)")
        }
        return index + 1
    }

    func recipe() throws -> LoRACombination {
        LoRACombination(
            try combinationKind(),
            density: density,
            majoritySign: try majoritySign.map(Self.majoritySign) ?? .total,
            rank: rank,
            clampingQuantile: clampQuantile,
            seed: seed ?? 0
        )
    }

    private func combinationKind() throws -> LoRACombination.Kind {
        guard let kind else { return .concatenation }
        guard let known = LoRACombination.Kind(rawValue: kind) else {
            let names = OptionText.alternatives(LoRACombination.Kind.allCases.map(\.rawValue))
            throw ValidationError("--kind must be \(names), not \(kind)")
        }
        return known
    }

    /// Refuses options that the kind has no use for, and asks for the one it needs.
    private func requireUse() throws {
        let name = try combinationKind().rawValue
        let prunes = ["magnitude", "ties", "dare"].contains { name.hasPrefix($0) }
        let uses: [(option: String, isGiven: Bool, isUsed: Bool, kinds: String)] = [
            ("density", density != nil, prunes, "magnitude_prune, ties, dare_linear and dare_ties"),
            ("rank", rank != nil, name.hasSuffix("svd"), "svd and those that end in _svd"),
            ("clamp-quantile", clampQuantile != nil, name.hasSuffix("svd"), "svd and those that end in _svd"),
            ("majority-sign", majoritySign != nil, name.contains("ties"), "ties and dare_ties"),
            ("seed", seed != nil, name.hasPrefix("dare"), "dare_linear and dare_ties"),
        ]
        if let unused = uses.first(where: { $0.isGiven && !$0.isUsed }) {
            throw ValidationError("--\(unused.option) belongs to the kinds \(unused.kinds), not to \(name)")
        }
        guard !prunes || density != nil else {
            throw ValidationError("--kind \(name) needs a --density, the share of elements it keeps, as in 0.5")
        }
    }

    /// `NAME=DIR` or `NAME=DIR:WEIGHT`; what stands behind a colon and is no number is part of the folder.
    private static func term(_ text: String) throws -> (reference: AdapterReference, weight: Double?) {
        var folder = Substring(text)
        var weight: Double?
        if let colon = text.lastIndex(of: ":"), let number = Double(text[text.index(after: colon)...]) {
            (folder, weight) = (text[..<colon], number)
        }
        let reference = try AdapterReference(String(folder), option: "adapter")
        guard reference.name != nil else {
            throw ValidationError("--adapter \(text) needs a name, as in --adapter NAME=DIR or NAME=DIR:0.5")
        }
        return (reference, weight)
    }

    private static func majoritySign(_ name: String) throws -> MajoritySign {
        try OptionText.choice(name, option: "majority-sign", ["total": .total, "frequency": .frequency])
    }
}
