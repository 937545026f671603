import CDigests

/// SHA-1 as in FIPS 180-4, piece by piece: git's name of a file is one. It finds damage; somebody who forges gets past
/// it.
package struct SHA1: Sendable {
    private var digest = BlockDigest(
        start: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    ) { peft_sha1_blocks($0, $1, $2) }

    package init() {}

    /// Adds a part of the message.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) { digest.add(bytes) }

    /// The 20 bytes of the hash of what was added.
    package func bytes() -> [UInt8] { digest.bytes() }
}
