import PEFTTensor

/// What the blocks of bitsandbytes' types stand for, element by element and from their definition.
enum BlockTwin {
    static func nf4(_ blocks: [UInt8]) -> [Float] {
        stride(from: 0, to: blocks.count, by: 36).flatMap { first in
            (0..<64).map { index in
                let pair = blocks[first + 4 + index / 2]
                let code = index % 2 == 0 ? pair >> 4 : pair & 0xF
                return single(blocks, first) * NormalFloat.values[Int(code)]
            }
        }
    }

    static func int8(_ blocks: [UInt8]) -> [Float] {
        stride(from: 0, to: blocks.count, by: 68).flatMap { first in
            blocks[(first + 4)..<(first + 68)].map { code in
                Float(Int8(bitPattern: code)) * single(blocks, first) * 7.874015718698502e-3
            }
        }
    }

    private static func single(_ blocks: [UInt8], _ first: Int) -> Float {
        let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(blocks[first + $1]) << (8 * UInt32($1)) }
        return Float(bitPattern: bits)
    }
}
