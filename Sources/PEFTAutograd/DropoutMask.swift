internal import CKernels
import PEFTTensor

/// Which elements of a `[rows, width]` matrix are dropped in training: a pure function of keys.
///
/// Element (row, column) survives with probability 1 − rate, decided by a hash of its row's key, the site's key and the
/// column, and is divided by 1 − rate. Row keys come from (seed, step, example, position), so neither threads nor
/// batching nor recomputation change a mask.
package struct Dropout: Sendable {
    package let rate: Float
    package let rowKeys: [UInt64]
    package let siteKey: UInt64

    /// - Precondition: 0 ≤ rate < 1.
    package init(rate: Float, rowKeys: [UInt64], siteKey: UInt64) {
        precondition(rate >= 0 && rate < 1, "a dropout rate lies in [0, 1), not \(rate)")
        self.rate = rate
        self.rowKeys = rowKeys
        self.siteKey = siteKey
    }

    /// The keys of some of the rows.
    package func selecting(rows: [Int32]) -> Dropout {
        Dropout(rate: rate, rowKeys: rows.map { rowKeys[Int($0)] }, siteKey: siteKey)
    }
}

/// Hands a dropout to a kernel; `siteOffset` tells sub-sites (attention heads) apart, `firstRow` skips rows.
func withKernelDropout<Result>(
    _ dropout: Dropout?,
    firstRow: Int = 0,
    siteOffset: UInt64 = 0,
    _ body: (PEFTDropout) -> Result
) -> Result {
    guard let dropout, dropout.rate > 0 else { return body(PEFTDropout()) }
    return dropout.rowKeys.withUnsafeBufferPointer { keys in
        body(
            PEFTDropout(
                rowKeys: keys.baseAddress?.advanced(by: firstRow),
                siteKey: dropout.siteKey &+ siteOffset &* 0x9e37_79b9_7f4a_7c15,
                threshold: UInt32(dropout.rate * 0x1p32),
                scale: 1 / (1 - dropout.rate)
            )
        )
    }
}
