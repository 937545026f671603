/// Normalization form C: canonical decomposition, marks in order, composition (The Unicode Standard, section 3.11).
package enum CanonicalComposition {
    /// The composed text, nil when it is the text as given.
    ///
    /// - Parameter source: well-formed UTF-8.
    package static func compose(_ source: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        // Everything before U+0300 is its own composition and joins nothing before it.
        guard source.contains(where: { $0 >= 0xCC }) else { return nil }
        let characters = ordered(source)
        var output: [UInt32] = []
        output.reserveCapacity(characters.count)
        var starter: Int?
        var lastRank: UInt8 = 0
        for (scalar, rank, joins) in characters {
            // A mark reaches its starter past marks of lower rank only, a starter past nothing at all.
            if joins, let starter, starter == output.count - 1 || lastRank < rank,
                let composed = composition(output[starter], scalar)
            {
                output[starter] = composed
                continue
            }
            if rank == 0 { starter = output.count }
            lastRank = rank
            output.append(scalar)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        for scalar in output { bytes.append(scalar: scalar) }
        return bytes
    }

    /// The characters of the canonical decomposition, the marks between two starters sorted by combining class.
    private static func ordered(
        _ source: UnsafeBufferPointer<UInt8>
    ) -> [(scalar: UInt32, rank: UInt8, joins: Bool)] {
        let table = UnicodeTable.shared
        var characters: [(scalar: UInt32, rank: UInt8, joins: Bool)] = []
        characters.reserveCapacity(source.count / 2)
        func append(_ scalar: UInt32, _ properties: CharacterProperties) {
            let rank = properties.combiningRank
            var place = characters.count
            if rank > 0 { while place > 0, characters[place - 1].rank > rank { place -= 1 } }
            characters.insert((scalar, rank, properties.joinsBackward), at: place)
        }
        var position = 0
        while position < source.count {
            let (scalar, length) = source.scalar(at: position)
            position += length
            let properties = table[scalar]
            let decomposition = table.decomposition(properties)
            if HangulSyllable.range.contains(scalar) {
                for jamo in HangulSyllable.decomposition(scalar) { append(jamo, table[jamo]) }
            } else if decomposition.isEmpty {
                append(scalar, properties)
            } else {
                for part in decomposition { append(part, table[part]) }
            }
        }
        return characters
    }

    private static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        HangulSyllable.composition(first, second) ?? UnicodeTable.shared.composition(first, second)
    }
}
