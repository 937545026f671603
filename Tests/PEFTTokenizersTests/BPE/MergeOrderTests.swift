import PEFTTokenizers
import Testing

/// The fast ways to merge against the definition.
@Suite("Merging")
struct MergeOrderTests {
    /// Byte-level merging by its definition: of all pairs the one whose merge comes first in the list, of several the
    /// leftmost, until there is none.
    private func twin(_ word: [String], _ merges: [(String, String)]) -> [String] {
        var parts = word
        while true {
            var best: (rank: Int, place: Int)?
            for place in parts.indices.dropLast() {
                let rank = merges.firstIndex { $0.0 == parts[place] && $0.1 == parts[place + 1] }
                if let rank, best.map({ rank < $0.rank }) ?? true { best = (rank, place) }
            }
            guard let best else { return parts }
            parts[best.place] += parts.remove(at: best.place + 1)
        }
    }

    @Test("is by rank, then from the left, for words of every length", arguments: 0..<20)
    func order(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let letters = ["a", "b", "c"]
        var tokens = letters
        var merges: [(String, String)] = []
        while tokens.count < 40 {
            let pair = (tokens[random.below(tokens.count)], tokens[random.below(tokens.count)])
            let merged = pair.0 + pair.1
            if merged.utf8.count > 12 || tokens.contains(merged) { continue }
            tokens.append(merged)
            merges.append(pair)
        }
        // A second way to some tokens, of another rank.
        for token in tokens.dropFirst(3) where random.below(2) == 0 {
            let cut = token.index(token.startIndex, offsetBy: 1 + random.below(token.count - 1))
            let pair = (String(token[..<cut]), String(token[cut...]))
            if tokens.contains(pair.0), tokens.contains(pair.1), !merges.contains(where: { $0 == pair }) {
                merges.append(pair)
            }
        }
        let tokenizer = try BPETokenizer(
            tokens: tokens,
            merges: merges.map { "\($0.0) \($0.1)" },
            preTokenizer: "gpt-2"
        )
        for length in [1, 2, 3, 5, 8, 20, 39, 40, 41, 42, 100, 250] {
            let word = (0..<length).map { _ in letters[random.below(letters.count)] }
            let ids = tokenizer.ids(of: word.joined())
            #expect(tokenizer.tokens(for: ids) == twin(word, merges), "\(word.joined())")
            // From the memory of words, too.
            #expect(tokenizer.ids(of: word.joined()) == ids)
        }
    }

    @Test("many threads encode with one tokenizer at once")
    func threads() async throws {
        let tokenizer = try BPEGolden.tokenizer("smollm")
        let texts = (0..<200).map { "the film \($0) is good \(String(repeating: "film", count: $0 % 7))" }
        let expected = texts.map { tokenizer.ids(of: $0) }
        try await withThrowingTaskGroup(of: [[Int32]].self) { group in
            for _ in 0..<8 { group.addTask { texts.map { tokenizer.ids(of: $0) } } }
            for try await ids in group { #expect(ids == expected) }
        }
    }
}

/// SplitMix64.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ value >> 31) % UInt64(bound))
    }
}
