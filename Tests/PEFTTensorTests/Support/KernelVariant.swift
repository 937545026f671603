import CKernels
import Testing

/// One of the kernels' instruction sets that this processor has.
struct KernelVariant: Sendable, CustomTestStringConvertible {
    let index: Int32

    static let supported = (0..<peft_variant_count()).filter(peft_variant_supported).map(KernelVariant.init)

    var testDescription: String { String(cString: peft_variant_name(index)) }

    /// Runs `body` with this variant. The choice holds for this thread only, so other tests may run beside this one.
    func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        let previous = peft_variant()
        #expect(peft_use_variant(index) && peft_variant() == index)
        defer { _ = peft_use_variant(previous) }
        return try body()
    }
}

/// Lengths around the widths of all vectors, and some that are large.
let oddSizes = [0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 100, 384, 1000]
