import PEFTTensor

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Zeros that take no memory, to stand in for tensors of a checkpoint that will be refused.
///
/// A wrong checkpoint may lack every tensor of a large model; all of them are listed before anything is refused.
///
/// Invariant for `@unchecked Sendable`: the memory is mapped read-only and unmapped only in `deinit`.
final class ZeroPages: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let byteCount: Int

    private init?(byteCount: Int) {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard byteCount > 0, let memory = mmap(nil, byteCount, PROT_READ, flags, -1, 0), memory != MAP_FAILED else {
            return nil
        }
        base = memory
        self.byteCount = byteCount
    }

    deinit {
        munmap(base, byteCount)
    }

    static func tensor(_ shape: Shape) -> Tensor {
        guard let pages = ZeroPages(byteCount: shape.count * MemoryLayout<Float>.size) else { return .zeros(shape) }
        let floats = UnsafeBufferPointer(start: pages.base.assumingMemoryBound(to: Float.self), count: shape.count)
        return Tensor(shape: shape, storage: Storage(borrowing: floats, from: pages))
    }
}
