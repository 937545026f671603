internal import CKernels

/// How the elements of an encoded tensor lie in memory: in blocks of equal length.
///
/// Those of ggml, under its names: a block holds small integers q and one or two half-precision floats d and m; its elements
/// are d q, or d q + m. In the K types every 16 or 32 elements have a small integer of their own that d and m are multiplied
/// by. Those of bitsandbytes: a block holds small integers q and a single-precision float a, the largest magnitude.
public enum BlockType: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Half-precision floats, a block each.
    case float16 = "F16"
    /// The upper halves of single-precision floats, a block each.
    case bfloat16 = "BF16"
    /// 4 bits, d.
    case q40 = "Q4_0"
    /// 4 bits, d and m.
    case q41 = "Q4_1"
    /// 5 bits, d.
    case q50 = "Q5_0"
    /// 5 bits, d and m.
    case q51 = "Q5_1"
    /// 8 bits, d.
    case q80 = "Q8_0"
    /// 4 bits, d and m, for each 32 elements 6-bit factors of both.
    case q4K = "Q4_K"
    /// 5 bits, d and m, for each 32 elements 6-bit factors of both.
    case q5K = "Q5_K"
    /// 6 bits, d, for each 16 elements an 8-bit factor.
    case q6K = "Q6_K"
    /// 4 bits, a of the block: a times the q-th of 16 quantiles of the normal distribution (Dettmers et al. 2023).
    case nf4 = "NF4"
    /// 8 bits, a of the whole row, which each of its blocks repeats: a q / 127 (Dettmers et al. 2022). A scale per block keeps
    /// rows made of blocks like all others, for a sixteenth more memory.
    case int8 = "INT8"

    /// Whether it is one of ggml's, which GGUF files hold.
    package var isOfGGML: Bool { self != .nf4 && self != .int8 }

    /// The number of elements in a block.
    public var blockLength: Int {
        switch self {
        case .float16, .bfloat16: 1
        case .q40, .q41, .q50, .q51, .q80: 32
        case .q4K, .q5K, .q6K: 256
        case .nf4, .int8: 64
        }
    }

    /// The size of a block in bytes.
    public var blockBytes: Int {
        switch self {
        case .float16, .bfloat16: 2
        case .q40: 18
        case .q41: 20
        case .q50: 22
        case .q51: 24
        case .q80: 34
        case .q4K: 144
        case .q5K: 176
        case .q6K: 210
        case .nf4: 36
        case .int8: 68
        }
    }

    /// The size of `elements`, which fill whole blocks, in bytes.
    package func bytes(for elements: Int) -> Int { elements / blockLength * blockBytes }

    /// Whether every row of a tensor is made of whole blocks.
    package func fits(_ shape: Shape) -> Bool { (shape.dimensions.last ?? 1).isMultiple(of: blockLength) }

    /// The name, as in `Q4_K`.
    public var description: String { rawValue }

    /// Writes `count` elements as floats.
    func expand(_ blocks: UnsafeRawPointer, into floats: UnsafeMutablePointer<Float>, count: Int) {
        peft_dequantize(kernelType, floats, blocks, count)
    }

    /// What kernels call it.
    var kernelType: PEFTBlockType {
        switch self {
        case .float16: PEFT_F16
        case .bfloat16: PEFT_BF16
        case .q40: PEFT_Q4_0
        case .q41: PEFT_Q4_1
        case .q50: PEFT_Q5_0
        case .q51: PEFT_Q5_1
        case .q80: PEFT_Q8_0
        case .q4K: PEFT_Q4_K
        case .q5K: PEFT_Q5_K
        case .q6K: PEFT_Q6_K
        case .nf4: PEFT_NF4
        case .int8: PEFT_INT8
        }
    }
}
