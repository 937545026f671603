import CKernels
import Foundation
import Synchronization
import Testing

@Suite("Variants of the kernels")
struct VariantTests {
    @Test("the portable variant is always there, and the best one is in use unless the environment names another")
    func selection() {
        #expect(KernelVariant.supported.first?.testDescription == "portable")
        let named = ProcessInfo.processInfo.environment["PEFTKIT_KERNELS"] ?? ""
        let expected = named.isEmpty ? KernelVariant.supported.last?.testDescription : named
        #expect(String(cString: peft_variant_name(peft_variant())) == expected)
    }

    @Test("what the processor or the build lacks is refused, and changes nothing")
    func refusal() {
        let before = peft_variant()
        #expect(!peft_use_variant(-1))
        #expect(!peft_use_variant(peft_variant_count()))
        for index in 0..<peft_variant_count() where !peft_variant_supported(index) {
            #expect(!peft_use_variant(index))
        }
        #expect(peft_variant() == before)
    }

    @Test("a choice holds in its thread only")
    func threads() {
        let before = peft_variant()
        KernelVariant(index: 0).run {
            let seen = Mutex<Int32>(-1)
            let done = DispatchSemaphore(value: 0)
            Thread {
                seen.withLock { $0 = peft_variant() }
                done.signal()
            }.start()
            done.wait()
            #expect(seen.withLock { $0 } == before)
            #expect(peft_variant() == 0)
        }
        #expect(peft_variant() == before)
    }
}
