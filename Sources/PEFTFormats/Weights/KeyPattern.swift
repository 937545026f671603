/// A pattern for whole tensor keys, in which `*` stands for any bytes, none and dots included.
struct KeyPattern {
    private let pattern: [UInt8]

    init(_ pattern: String) {
        self.pattern = Array(pattern.utf8)
    }

    func matches(_ key: String) -> Bool {
        let key = Array(key.utf8)
        var (position, keyPosition) = (0, 0)
        // The last `*`, and where what it stands for ends so far; a later mismatch lets it stand for one byte more.
        var retry: (position: Int, keyPosition: Int)?
        while keyPosition < key.count {
            if position < pattern.count, pattern[position] == UInt8(ascii: "*") {
                position += 1
                retry = (position, keyPosition)
            } else if position < pattern.count, pattern[position] == key[keyPosition] {
                position += 1
                keyPosition += 1
            } else if let last = retry {
                position = last.position
                keyPosition = last.keyPosition + 1
                retry = (position, keyPosition)
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
