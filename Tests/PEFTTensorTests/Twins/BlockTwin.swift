import PEFTTensor

/// One element of a block at a time, in double precision, from where its bits lie.
struct BlockTwin {
    let type: BlockType
    let bytes: [UInt8]

    /// Element `index` of the block, exactly.
    func element(_ index: Int) -> Double {
        let (half, place) = (index / 16, index % 16)
        switch type {
        case .float16: return self.half(0)
        case .bfloat16: return Double(Float(bitPattern: UInt32(bytes[1]) << 24 | UInt32(bytes[0]) << 16))
        case .q40: return self.half(0) * Double(nibble(2 + place, half) - 8)
        case .q41: return self.half(0) * Double(nibble(4 + place, half)) + self.half(2)
        case .q50: return self.half(0) * Double(nibble(6 + place, half) + 16 * bit(8 * 2 + index) - 16)
        case .q51: return self.half(0) * Double(nibble(8 + place, half) + 16 * bit(8 * 4 + index)) + self.half(2)
        case .q80: return self.half(0) * Double(Int8(bitPattern: bytes[2 + index]))
        case .q4K:
            let group = index / 32
            return grouped(group, nibble(16 + group / 2 * 32 + index % 32, group % 2))
        case .q5K:
            let group = index / 32
            let fifth = bit(8 * (16 + index % 32) + group)
            return grouped(group, nibble(48 + group / 2 * 32 + index % 32, group % 2) + 16 * fifth)
        case .q6K:
            let (part, quarter, place) = (index / 128, index % 128 / 32, index % 32)
            let low = nibble(64 * part + 32 * (quarter % 2) + place, quarter / 2)
            let high = Int(bytes[128 + 32 * part + place] >> (2 * quarter) & 3)
            return self.half(208) * Double(Int8(bitPattern: bytes[192 + index / 16])) * Double(low + 16 * high - 32)
        case .nf4: return single * Double(NormalFloat.values[nibble(4 + index / 2, 1 - index % 2)])
        // The product with the magnitude is rounded before it is divided.
        case .int8:
            let product = Float(single * Double(Int8(bitPattern: bytes[4 + index])))
            return Double(product) * Double(Float(7.874015718698502e-3))
        }
    }

    /// d s q − m t for the 6-bit s and t of a group.
    private func grouped(_ group: Int, _ q: Int) -> Double {
        let packed = bytes[4..<16].map(Int.init)
        let (scale, minimum) =
            group < 4
            ? (packed[group] & 63, packed[group + 4] & 63)
            : (
                packed[group + 4] & 15 | (packed[group - 4] >> 6) << 4,
                packed[group + 4] >> 4 | (packed[group] >> 6) << 4
            )
        return half(0) * Double(scale) * Double(q) - half(2) * Double(minimum)
    }

    /// The lower or the upper half of a byte.
    private func nibble(_ byte: Int, _ half: Int) -> Int { Int(bytes[byte]) >> (4 * half) & 15 }

    private func bit(_ index: Int) -> Int { Int(bytes[index / 8]) >> (index % 8) & 1 }

    /// The single-precision float that the block begins with.
    private var single: Double {
        Double(Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[$1]) << (8 * UInt32($1)) }))
    }

    /// The half-precision float at a byte, by its fields.
    private func half(_ byte: Int) -> Double {
        let bits = Int(bytes[byte]) | Int(bytes[byte + 1]) << 8
        let (sign, exponent, fraction) = (bits >> 15, bits >> 10 & 31, Double(bits & 1023))
        let magnitude: Double
        switch exponent {
        case 0: magnitude = fraction * 0x1p-24
        case 31: magnitude = fraction == 0 ? .infinity : .nan
        default: magnitude = (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
        }
        return sign == 1 ? -magnitude : magnitude
    }
}

extension BlockType {
    /// Where a block has its half-precision floats.
    private var halves: [Int] {
        switch self {
        case .float16, .bfloat16: [0]
        case .q40, .q50, .q80: [0]
        case .q41, .q51, .q4K, .q5K: [0, 2]
        case .q6K: [208]
        case .nf4, .int8: []
        }
    }

    /// Random blocks whose elements are numbers.
    func sampleBlocks(_ count: Int) -> [UInt8] {
        let random = CounterRandom(seed: 41, purpose: rawValue)
        var bytes = (0..<(count * blockBytes)).map { UInt8(truncatingIfNeeded: random.bits($0)) }
        for block in 0..<count {
            // The last of the exponent's bits cleared: no infinity and no NaN.
            for half in halves { bytes[block * blockBytes + half + 1] &= self == .bfloat16 ? 0xBF : 0xFB }
            if !isOfGGML { bytes[block * blockBytes + 3] &= 0xBF }
        }
        return bytes
    }

    /// The elements of blocks, by the twin.
    func expandedByTwin(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count, by: blockBytes).flatMap { first in
            let twin = BlockTwin(type: self, bytes: Array(bytes[first..<(first + blockBytes)]))
            return (0..<blockLength).map { Float(twin.element($0)) }
        }
    }
}
