/// The arithmetic of Hangul syllables (The Unicode Standard, section 3.12).
enum HangulSyllable {
    /// The precomposed syllables.
    static let range: Range<UInt32> = 0xAC00..<0xAC00 + leadCount * vowelCount * trailCount

    private static let leadCount: UInt32 = 19
    private static let vowelCount: UInt32 = 21
    /// One more than there are trailing consonants: a syllable may have none.
    private static let trailCount: UInt32 = 28

    /// The leading consonant, the vowel and, if there is one, the trailing consonant.
    static func decomposition(_ syllable: UInt32) -> [UInt32] {
        let index = syllable - range.lowerBound
        let lead = 0x1100 + index / (vowelCount * trailCount)
        let vowel = 0x1161 + index / trailCount % vowelCount
        let trail = index % trailCount
        return trail == 0 ? [lead, vowel] : [lead, vowel, 0x11A7 + trail]
    }
}
