import CKernels

/// Dropout element by element: the same hash in scalar code.
struct DropoutTwin: Sendable {
    let rate: Double
    let rowKeys: [UInt64]
    let siteKey: UInt64

    var threshold: UInt32 { UInt32(rate * 0x1p32) }
    var scale: Float { Float(1 / (1 - rate)) }

    /// What the element is multiplied by.
    func multiplier(row: Int, column: Int) -> Float {
        let key = mix(rowKeys[row] ^ siteKey)
        var hash = UInt32(truncatingIfNeeded: column) &* 0x9e37_79b9 &+ UInt32(truncatingIfNeeded: key)
        hash ^= hash >> 16
        hash = hash &* 0x7feb_352d
        hash ^= (hash >> 15) ^ UInt32(truncatingIfNeeded: key >> 32)
        hash = hash &* 0x846c_a68b
        hash ^= hash >> 16
        return hash >= threshold ? scale : 0
    }

    /// All multipliers of a matrix of `width` columns.
    func multipliers(width: Int) -> [Float] {
        rowKeys.indices.flatMap { row in (0..<width).map { multiplier(row: row, column: $0) } }
    }

    /// Hands the kernel's form to `body`.
    func withKernel<Result>(_ body: (PEFTDropout) -> Result) -> Result {
        rowKeys.withUnsafeBufferPointer {
            body(PEFTDropout(rowKeys: $0.baseAddress, siteKey: siteKey, threshold: threshold, scale: scale))
        }
    }

    private func mix(_ value: UInt64) -> UInt64 {
        var x = value
        x = (x ^ (x >> 30)) &* 0xbf58_476d_1ce4_e5b9
        x = (x ^ (x >> 27)) &* 0x94d0_49bb_1331_11eb
        return x ^ (x >> 31)
    }
}

extension DropoutTwin? {
    /// The multipliers of a matrix, all 1 without dropout.
    func multipliers(rows: Int, width: Int) -> [Double] {
        self?.multipliers(width: width).doubles ?? Array(repeating: 1, count: rows * width)
    }

    /// Hands the kernel's form to `body`, one that drops nothing without dropout.
    func withKernel<Result>(_ body: (PEFTDropout) -> Result) -> Result {
        switch self {
        case .some(let dropout): dropout.withKernel(body)
        case .none: body(PEFTDropout())
        }
    }
}
