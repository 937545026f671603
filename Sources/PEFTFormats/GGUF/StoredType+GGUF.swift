import PEFTTensor

/// The types of a GGUF file's tensors, by their numbers in the file.
extension StoredType {
    /// The type of a number; nil for one that is not read here.
    init?(ggml number: UInt32) {
        guard let type = StoredType.known[number] else { return nil }
        self = type
    }

    /// The size of a block in bytes, where an element is one.
    var blockBytes: Int {
        switch self {
        case .elements(let type): type.bits / 8
        case .blocks(let type): type.blockBytes
        }
    }

    /// What ggml calls the type of a number, also one that is not read here.
    static func ggmlName(_ number: UInt32) -> String {
        StoredType.known[number]?.description ?? StoredType.others[number] ?? "of no name known here"
    }

    /// The names of all types that are read here.
    static var ggmlNames: [String] { known.sorted { $0.key < $1.key }.map(\.value.description) }

    private static let known: [UInt32: StoredType] = [
        0: .elements(.float32), 1: .blocks(.float16), 2: .blocks(.q40), 3: .blocks(.q41), 6: .blocks(.q50),
        7: .blocks(.q51), 8: .blocks(.q80), 12: .blocks(.q4K), 13: .blocks(.q5K), 14: .blocks(.q6K),
        24: .elements(.int8), 25: .elements(.int16), 26: .elements(.int32), 27: .elements(.int64),
        28: .elements(.float64), 30: .blocks(.bfloat16),
    ]

    private static let others: [UInt32: String] = [
        4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS",
        18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 29: "IQ1_M", 34: "TQ1_0",
        35: "TQ2_0", 39: "MXFP4", 40: "NVFP4",
    ]
}
