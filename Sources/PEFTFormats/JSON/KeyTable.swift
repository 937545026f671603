/// An open-addressing table from hashed UTF-8 bytes to positions in an array that the owner keeps.
struct KeyTable: Sendable {
    private struct Slot {
        var hash: UInt32
        var position: UInt32
    }

    private static let empty = UInt32.max
    private var slots: [Slot] = []
    private var count = 0

    var isEmpty: Bool { count == 0 }

    static func hash(_ key: String) -> UInt32 {
        var hasher = Hasher()
        key.withUTF8Bytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }

    /// The position stored under `hash` for which `matches` holds.
    @inline(__always)
    func position(hash: UInt32, where matches: (Int) -> Bool) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var index = Int(hash) & mask
        while slots[index].position != KeyTable.empty {
            if slots[index].hash == hash, matches(Int(slots[index].position)) { return Int(slots[index].position) }
            index = (index + 1) & mask
        }
        return nil
    }

    /// Stores a position that is not in the table yet.
    mutating func insert(position: Int, hash: UInt32) {
        if 2 * (count + 1) > slots.count { grow() }
        place(Slot(hash: hash, position: UInt32(position)))
        count += 1
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(hash: 0, position: KeyTable.empty), count: max(32, 2 * old.count))
        for slot in old where slot.position != KeyTable.empty { place(slot) }
    }

    private mutating func place(_ slot: Slot) {
        let mask = slots.count - 1
        var index = Int(slot.hash) & mask
        while slots[index].position != KeyTable.empty { index = (index + 1) & mask }
        slots[index] = slot
    }
}
