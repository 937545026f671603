/// BERT's text normalization: clean, set ideographs apart, strip accents, lowercase, in this order.
///
/// Works on UTF-8 and gives UTF-8, with the Unicode tables of `tokenizers` (``UnicodeTable``).
package struct BERTNormalizer: Sendable {
    /// Whether control characters are dropped and every kind of whitespace becomes a space.
    let cleansText: Bool
    /// Whether CJK ideographs get a space on either side.
    let separatesIdeographs: Bool
    /// Whether text is canonically decomposed and its nonspacing marks dropped.
    let stripsAccents: Bool
    /// Whether every character is lowercased by itself: no rule looks at its neighbours, so a final Σ becomes σ.
    let lowercases: Bool

    /// What an ASCII byte becomes; ``dropped`` for none.
    private let asciiMap: [UInt8]
    private let table = UnicodeTable.shared
    private static let dropped: UInt8 = 0xFF

    /// - Parameter stripsAccents: as ``lowercases`` when nil, as in the original BERT.
    package init(
        cleansText: Bool = true,
        separatesIdeographs: Bool = true,
        stripsAccents: Bool? = nil,
        lowercases: Bool = true
    ) {
        self.cleansText = cleansText
        self.separatesIdeographs = separatesIdeographs
        self.stripsAccents = stripsAccents ?? lowercases
        self.lowercases = lowercases
        asciiMap = (0..<0x80 as Range<UInt32>).map { byte in
            let properties = UnicodeTable.shared[byte]
            if cleansText, properties.isRemoved { return Self.dropped }
            if cleansText, properties.isWhitespace { return UInt8(ascii: " ") }
            let mapped = lowercases ? UnicodeTable.shared.lowercase(properties).first ?? byte : byte
            return UInt8(truncatingIfNeeded: mapped)
        }
    }

    /// The normalized text.
    ///
    /// - Parameter source: well-formed UTF-8.
    package func normalize(_ source: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output = Output()
        // Enough for anything but dense ideographs and decompositions, which then grow it.
        output.bytes.reserveCapacity(source.count + source.count / 4)
        var position = 0
        while position < source.count {
            let byte = source[position]
            if byte < 0x80 {
                let mapped = asciiMap[Int(byte)]
                if mapped != Self.dropped { append(starter: mapped, to: &output) }
                position += 1
            } else {
                let (scalar, length) = source.scalar(at: position)
                append(scalar, to: &output)
                position += length
            }
        }
        flush(&output)
        return output.bytes
    }

    /// Normalized text under construction.
    private struct Output {
        var bytes: [UInt8] = []
        /// Marks that wait for the next starter to know their order.
        var marks: [(rank: UInt8, scalar: UInt32)] = []
    }

    /// Takes one character beyond ASCII through the four steps.
    private func append(_ scalar: UInt32, to output: inout Output) {
        let properties = table[scalar]
        if cleansText {
            if properties.isRemoved { return }
            if properties.isWhitespace { return append(starter: UInt8(ascii: " "), to: &output) }
        }
        let standsApart = separatesIdeographs && properties.isIdeograph
        if standsApart { append(starter: UInt8(ascii: " "), to: &output) }
        if stripsAccents {
            appendDecomposed(scalar, properties, to: &output)
        } else {
            appendLowercased(scalar, properties, to: &output.bytes)
        }
        if standsApart { append(starter: UInt8(ascii: " "), to: &output) }
    }

    private func appendDecomposed(_ scalar: UInt32, _ properties: CharacterProperties, to output: inout Output) {
        let decomposition = table.decomposition(properties)
        if HangulSyllable.range.contains(scalar) {
            for jamo in HangulSyllable.decomposition(scalar) { appendOrdered(jamo, table[jamo], to: &output) }
        } else if decomposition.isEmpty {
            appendOrdered(scalar, properties, to: &output)
        } else {
            for part in decomposition { appendOrdered(part, table[part], to: &output) }
        }
    }

    /// Puts a decomposed character in its canonical place: marks between two starters are sorted by combining class.
    ///
    /// A nonspacing mark is dropped only after it has had its effect on the order: one of class 0 is a starter, which
    /// the marks around it do not pass.
    private func appendOrdered(_ scalar: UInt32, _ properties: CharacterProperties, to output: inout Output) {
        let rank = properties.combiningRank
        if rank == 0 { flush(&output) }
        if properties.isNonspacingMark { return }
        if rank == 0 {
            appendLowercased(scalar, properties, to: &output.bytes)
        } else {
            output.marks.append((rank, scalar))
        }
    }

    @inline(__always)
    private func append(starter byte: UInt8, to output: inout Output) {
        if !output.marks.isEmpty { flush(&output) }
        output.bytes.append(byte)
    }

    /// Appends the marks that waited, those of one class in the order they came in.
    private func flush(_ output: inout Output) {
        if output.marks.isEmpty { return }
        let ordered = output.marks.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
        for (_, mark) in ordered { appendLowercased(mark.scalar, table[mark.scalar], to: &output.bytes) }
        output.marks.removeAll(keepingCapacity: true)
    }

    private func appendLowercased(_ scalar: UInt32, _ properties: CharacterProperties, to bytes: inout [UInt8]) {
        let mapping = lowercases ? table.lowercase(properties) : []
        if mapping.isEmpty { return bytes.append(scalar: scalar) }
        for mapped in mapping { bytes.append(scalar: mapped) }
    }
}
