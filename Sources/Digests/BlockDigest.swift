/// What SHA-1 and SHA-256 share: blocks of 64 bytes, and the padding at the end.
struct BlockDigest: Sendable {
    /// The compression function over whole blocks.
    typealias Compression = @Sendable (UnsafeMutablePointer<UInt32>, UnsafePointer<UInt8>, Int) -> Void

    private static let blockBytes = 64

    private var state: [UInt32]
    private let compress: Compression
    /// What is no whole block yet.
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    init(start: [UInt32], _ compress: @escaping Compression) {
        state = start
        self.compress = compress
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        count += UInt64(bytes.count)
        var bytes = bytes
        if !rest.isEmpty {
            let taken = min(bytes.count, Self.blockBytes - rest.count)
            rest += bytes[..<taken]
            bytes = UnsafeRawBufferPointer(rebasing: bytes[taken...])
            guard rest.count == Self.blockBytes else { return }
            let block = rest
            block.withUnsafeBytes { compressBlocks($0) }
            rest = []
        }
        let whole = bytes.count / Self.blockBytes * Self.blockBytes
        compressBlocks(UnsafeRawBufferPointer(rebasing: bytes[..<whole]))
        rest += bytes[whole...]
    }

    /// The digest of what was added: after the message a one bit, zeros, and the message's length in bits as 64 bits.
    func bytes() -> [UInt8] {
        var copy = self
        let zeros = (119 - rest.count) % Self.blockBytes
        let padding = [0x80] + [UInt8](repeating: 0, count: zeros) + Self.bigEndian(count * 8)
        padding.withUnsafeBytes { copy.add($0) }
        return copy.state.flatMap(Self.bigEndian)
    }

    private mutating func compressBlocks(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        let blocks = bytes.count / Self.blockBytes
        state.withUnsafeMutableBufferPointer { state in
            guard let start = state.baseAddress else { return }
            compress(start, base.assumingMemoryBound(to: UInt8.self), blocks)
        }
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
