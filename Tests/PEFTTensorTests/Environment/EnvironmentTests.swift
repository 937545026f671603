#if compiler(>=6.2)
import CKernels
import Foundation
import PEFTTensor
import Testing

/// The choice is made once in a process, so each of these tests has one of its own.
@Suite("The environment chooses kernels and workers")
struct EnvironmentTests {
    @Test("PEFTKIT_KERNELS names the variant of the kernels")
    func kernels() async {
        await #expect(processExitsWith: .success) {
            setenv("PEFTKIT_KERNELS", "portable", 1)
            #expect(String(cString: peft_variant_name(peft_variant())) == "portable")
        }
        await #expect(processExitsWith: .success) {
            setenv("PEFTKIT_KERNELS", "", 1)
            let best = (0..<peft_variant_count()).last { peft_variant_supported($0) }
            #expect(peft_variant() == best)
        }
    }

    @Test("an unknown name ends the program and says which there are")
    func unknownKernels() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            setenv("PEFTKIT_KERNELS", "fast", 1)
            _ = peft_variant()
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains("Error: PEFTKIT_KERNELS is 'fast', which is no variant of the kernels"), "\(text)")
        #expect(text.contains("use portable") && text.contains(", or unset it\n"), "\(text)")
    }

    @Test("PEFTKIT_WORKERS is the number of shared workers", arguments: [1, 3])
    func workers(count: Int) async {
        await #expect(processExitsWith: .success) { [count = count as Int] in
            setenv("PEFTKIT_WORKERS", "\(count)", 1)
            #expect(WorkerPool.shared.count == count)
        }
    }

    @Test("anything but a number of threads ends the program", arguments: ["0", "two", "-1", "1025", "1.5"])
    func badWorkers(text: String) async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [text = text as String] in
            setenv("PEFTKIT_WORKERS", text, 1)
            _ = WorkerPool.shared
        }
        let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        let expected = "Error: PEFTKIT_WORKERS is '\(text)'; it must be a number of threads from 1 to 1024\n"
        #expect(message.contains(expected), "\(message)")
    }
}
#endif
