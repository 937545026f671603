import PEFTAutograd
import PEFTTensor

/// Reproducible normal numbers as a tensor.
func sample(_ shape: Shape, _ purpose: String) -> Tensor {
    CounterRandom(seed: 30, purpose: purpose).normal(shape, standardDeviation: 1)
}

/// A dropout of `rows` rows with keys of their own.
func sampleDropout(rate: Float, rows: Int, site: UInt64 = 1) -> Dropout {
    let random = CounterRandom(seed: 31, purpose: "rows")
    return Dropout(rate: rate, rowKeys: (0..<rows).map { random.bits($0) }, siteKey: site)
}

/// What a dropout multiplies the elements of a matrix by, read off from ones; all 1 without dropout.
func multipliers(_ dropout: Dropout?, rows: Int, width: Int) -> Matrix {
    let tape = Tape(pool: BufferPool(), isRecording: false)
    return Matrix(tape.dropout(Variable(.ones([rows, width])), dropout).value)
}
