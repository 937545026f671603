import Synchronization

/// Words whose tokens are known: a table with one place for all words of a hash, of which the last one stays.
struct WordCache: Sendable {
    private struct Entry: Sendable {
        var hash: UInt64 = 0
        var wordStart: UInt32 = 0
        var wordCount: UInt32 = 0
        var idStart: UInt32 = 0
        /// 0 for a place that holds no word.
        var idCount: UInt32 = 0
    }

    /// The longest word that is kept, in bytes; long ones hardly ever come again.
    static let maximumWordLength = 64

    private static let places = 1 << 15
    /// What all words may take; then the table starts anew.
    private static let maximumByteCount = 1 << 20

    private var entries = Array(repeating: Entry(), count: places)
    private var words: [UInt8] = []
    private var ids: [Int32] = []

    /// Appends the ids of a word.
    ///
    /// - Parameter compute: appends them when the word is not known; it must append at least one for it to be kept.
    mutating func append(
        _ word: UnsafeBufferPointer<UInt8>,
        to output: inout [Int32],
        compute: (inout [Int32]) -> Void
    ) {
        guard word.count <= Self.maximumWordLength else { return compute(&output) }
        let hash = Self.hash(word)
        let place = Int(truncatingIfNeeded: hash >> 49)
        let entry = entries[place]
        if entry.hash == hash, entry.idCount > 0, entry.wordCount == word.count,
            words[Int(entry.wordStart)..<Int(entry.wordStart + entry.wordCount)].elementsEqual(word)
        {
            output += ids[Int(entry.idStart)..<Int(entry.idStart + entry.idCount)]
            return
        }
        let start = output.count
        compute(&output)
        if words.count > Self.maximumByteCount { self = WordCache() }
        entries[place] = Entry(
            hash: hash,
            wordStart: UInt32(words.count),
            wordCount: UInt32(word.count),
            idStart: UInt32(ids.count),
            idCount: UInt32(output.count - start)
        )
        words += word
        ids += output[start...]
    }

    private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let bytes = UnsafeRawBufferPointer(word)
        var hash = UInt64(word.count) &* 0x9E37_79B9_7F4A_7C15
        var position = 0
        while position + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self), into: &hash)
            position += 8
        }
        var rest: UInt64 = 0
        while position < bytes.count {
            rest = rest << 8 | UInt64(bytes[position])
            position += 1
        }
        mix(rest, into: &hash)
        return hash
    }

    @inline(__always)
    private static func mix(_ value: UInt64, into hash: inout UInt64) {
        let product = (hash ^ value).multipliedFullWidth(by: 0xBF58_476D_1CE4_E5B9)
        hash = product.high ^ product.low &* 0x9E37_79B9_7F4A_7C15
    }
}

/// The caches of a tokenizer: as many as there ever were texts encoded at once.
final class WordCaches: Sendable {
    private let free = Mutex<[WordCache]>([])

    /// Calls `body` with a cache that nobody else has meanwhile.
    func withCache<Result>(_ body: (inout WordCache) -> Result) -> Result {
        var cache = free.withLock { $0.popLast() } ?? WordCache()
        let result = body(&cache)
        free.withLock { [cache] in $0.append(cache) }
        return result
    }
}
