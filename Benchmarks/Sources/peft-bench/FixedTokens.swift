import PEFTKit

/// Stands in for a tokenizer where a measurement begins with token ids: the text "7" is the seventh sequence from zero.
struct FixedTokens: Tokenizer {
    let sequences: [[Int32]]
    let vocabularySize: Int

    var specialTokens: SpecialTokens { SpecialTokens() }
    var texts: [String] { sequences.indices.map(String.init) }

    func id(of token: String) -> Int32? { nil }
    func token(of id: Int32) -> String? { nil }

    func encode(
        _ text: String,
        pair: String?,
        maximumLength: Int?,
        truncation: TruncationStrategy
    ) throws -> Encoding {
        guard let index = Int(text), sequences.indices.contains(index) else {
            return Encoding(ids: [], typeIDs: [])
        }
        let ids = sequences[index].prefix(maximumLength ?? .max)
        return Encoding(ids: Array(ids), typeIDs: Array(repeating: 0, count: ids.count))
    }
}
