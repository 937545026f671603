/// Blocks that no file holds.
///
/// Invariant for `@unchecked Sendable`: the bytes are written before anybody else sees them, and never again.
final class BlockMemory: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    }

    deinit { bytes.deallocate() }
}
