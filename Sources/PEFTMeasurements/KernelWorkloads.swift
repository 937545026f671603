internal import CKernels
import PEFTTensor

extension EncoderShape {
    /// Every kernel of `CKernels.h` over matrices as large as a worker's shard has them.
    public var kernels: [Workload] {
        let inner = KernelMatrices(rows: tokens, width: width)
        let wide = KernelMatrices(rows: tokens, width: feedForwardWidth)
        return inner.dropoutKernels + wide.activationKernels + inner.normKernels + softmaxKernels
            + inner.columnKernels + inner.rowKernels(tableRows: vocabularySize) + inner.vectorKernels
            + wide.optimizerKernels + decoderKernels
    }

    /// Those that an encoder of this shape would not have, over what a decoder of this shape would have.
    private var decoderKernels: [Workload] {
        let inner = KernelMatrices(rows: tokens, width: width)
        let wide = KernelMatrices(rows: tokens, width: feedForwardWidth)
        let logits = KernelMatrices(rows: length, width: vocabularySize)
        return inner.rmsNormKernels + inner.blockKernels + inner.rotaryKernels(headWidth: headWidth) + wide.gatedKernels
            + [logits.crossEntropy]
    }

    /// BERT's.
    private var vocabularySize: Int { 30_522 }

    /// Softmax and its backward over one head's scores after the other, in the same memory.
    public var softmaxKernels: [Workload] {
        let matrices = KernelMatrices(rows: length, width: length, repeats: heads * sequences)
        return [matrices.softmax, matrices.softmaxBackward]
    }
}

/// Workloads over matrices of one size.
struct KernelMatrices: Sendable {
    let rows: Int
    let width: Int
    /// How often a run goes through the same memory.
    let repeats: Int

    init(rows: Int, width: Int, repeats: Int = 1) {
        (self.rows, self.width, self.repeats) = (rows, width, repeats)
    }

    var count: Int { rows * width }

    func noise() -> Tensor { .noise([rows, width]) }

    /// A kernel that goes through matrices of this size.
    ///
    /// - Parameters:
    ///   - passes: how many matrices it reads or writes, one that it changes in place counted twice.
    ///   - matrices: how many there are.
    func workload(
        _ name: String,
        passes: Int,
        matrices: Int,
        _ make: @escaping @Sendable () -> () -> Void
    ) -> Workload {
        let bytes = count * MemoryLayout<Float>.stride
        return Workload(
            name: "\(name) \(rows)×\(width)",
            bytes: passes * bytes * repeats,
            workingSet: matrices * bytes
        ) {
            let run = make()
            return repeats == 1 ? run : { for _ in 0..<repeats { run() } }
        }
    }

    /// Calls `body` with a dropout of 0.1 over the rows.
    func withDropout(_ keys: [UInt64], _ body: (PEFTDropout) -> Void) {
        keys.withUnsafeBufferPointer { keys in
            body(
                PEFTDropout(
                    rowKeys: keys.baseAddress,
                    siteKey: 0x9e37_79b9_7f4a_7c15,
                    threshold: UInt32(0.1 * 0x1p32),
                    scale: 1 / 0.9
                )
            )
        }
    }

    /// A key for each row.
    func dropoutKeys() -> [UInt64] {
        let random = CounterRandom(seed: 0, purpose: "dropout")
        return (0..<rows).map(random.bits)
    }
}
