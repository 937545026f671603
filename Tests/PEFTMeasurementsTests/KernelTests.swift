import Foundation
import PEFTMeasurements
import Testing

@Suite("What is measured of the kernels")
struct KernelTests {
    private static let shape = EncoderShape(
        name: "tiny",
        width: 8,
        feedForwardWidth: 12,
        heads: 2,
        sequences: 3,
        length: 5
    )

    @Test("every kernel of CKernels.h has a workload")
    func complete() throws {
        let header = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/CKernels/include/CKernels.h")
        let text = try String(contentsOf: header, encoding: .utf8)
        let known = Set(text.matches(of: /peft_([a-z_]+)\(/).map { String($0.output.1) })
        // What chooses among the variants or waits is no arithmetic, and products and what they pack are measured as such.
        let kernels = known.filter { !$0.contains("variant") && !$0.contains("matrix_") && $0 != "pause" }
        let measured = Set(Self.shape.kernels.compactMap { $0.name.split(separator: " ").first.map(String.init) })
        #expect(!kernels.isEmpty && kernels.subtracting(measured) == [])
    }

    @Test("each runs as often as wanted, and moves whole matrices")
    func runs() {
        for kernel in Self.shape.kernels {
            let run = kernel.prepared()
            for _ in 0..<3 { run() }
            #expect(kernel.bytes > 0 && kernel.bytes % MemoryLayout<Float>.stride == 0, "\(kernel.name)")
            #expect(kernel.flops == 0 && kernel.workingSet > 0, "\(kernel.name)")
        }
    }

    @Test("bytes are those of the definition: y += a x reads twice and writes once; softmax goes over every head")
    func bytes() throws {
        func bytes(_ name: String) throws -> Int {
            try #require(Self.shape.kernels.first { $0.name.hasPrefix(name + " ") }).bytes
        }
        #expect(try bytes("add_scaled") == 3 * 15 * 8 * 4)
        #expect(try bytes("activation_keep") == 3 * 15 * 12 * 4)
        // Scores of 5 × 5 for 2 heads of 3 sequences, changed in place.
        #expect(try bytes("softmax") == 2 * 25 * 6 * 4)
    }

    @Test("the machine's limits are numbers above zero")
    func limits() {
        #expect(MachineLimits.flopsPerSecond() > 0)
        #expect(MachineLimits.bytesPerSecond(workingSet: 1 << 16) > 0)
        // Too small to hold anything still gives a rate.
        #expect(MachineLimits.bytesPerSecond(workingSet: 0) > 0)
    }
}
