import CDigests

/// SHA-256 as in FIPS 180-4, piece by piece. Foundation has none on Linux.
package struct SHA256: Sendable {
    private var digest: BlockDigest

    package init() { self.init { peft_sha256_blocks($0, $1, $2) } }

    private init(_ compression: @escaping BlockDigest.Compression) {
        digest = BlockDigest(
            start: [
                0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
            ],
            compression
        )
    }

    /// One that uses no instructions that only some processors have.
    package static var portable: SHA256 { SHA256 { peft_sha256_blocks_portable($0, $1, $2) } }

    /// Adds a part of the message.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) { digest.add(bytes) }

    /// The 32 bytes of the hash of what was added.
    package func bytes() -> [UInt8] { digest.bytes() }

    /// The 32 bytes of the hash of a whole message.
    package static func hash(_ message: some Sequence<UInt8>) -> [UInt8] {
        var hash = SHA256()
        Array(message).withUnsafeBytes { hash.add($0) }
        return hash.bytes()
    }
}
