/// The arithmetic of Hangul syllables (The Unicode Standard, section 3.12).
enum HangulSyllable {
    /// The precomposed syllables.
    static let range: Range<UInt32> = 0xAC00..<0xAC00 + leadCount * vowelCount * trailCount

    private static let leadCount: UInt32 = 19
    private static let vowelCount: UInt32 = 21
    /// One more than there are trailing consonants: a syllable may have none.
    private static let trailCount: UInt32 = 28

    /// The vowels and trailing consonants that join what is before them.
    static let joiningJamo: [Range<UInt32>] = [0x1161..<0x1161 + vowelCount, 0x11A8..<0x11A7 + trailCount]

    /// The syllable of a leading consonant and a vowel, or of a syllable without a trailing consonant and one.
    static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first >= 0x1100, first < 0x1100 + leadCount, joiningJamo[0].contains(second) {
            return range.lowerBound + ((first - 0x1100) * vowelCount + second - 0x1161) * trailCount
        }
        if range.contains(first), (first - range.lowerBound) % trailCount == 0, joiningJamo[1].contains(second) {
            return first + second - 0x11A7
        }
        return nil
    }

    /// The leading consonant, the vowel and, if there is one, the trailing consonant.
    static func decomposition(_ syllable: UInt32) -> [UInt32] {
        let index = syllable - range.lowerBound
        let lead = 0x1100 + index / (vowelCount * trailCount)
        let vowel = 0x1161 + index / trailCount % vowelCount
        let trail = index % trailCount
        return trail == 0 ? [lead, vowel] : [lead, vowel, 0x11A7 + trail]
    }
}
