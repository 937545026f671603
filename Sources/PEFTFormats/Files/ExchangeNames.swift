#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

private typealias RenameAt2 =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

/// Linux's `renameat2`, looked up by name because C headers show it only to programs that define `_GNU_SOURCE`.
private let renameAt2: RenameAt2? = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: RenameAt2.self) }

/// Lets two existing paths change places in one step.
///
/// Returns 0, or the error number: ENOSYS where the system has no such call, EINVAL where the file system cannot.
func exchangeNames(_ first: String, _ second: String) -> Int32 {
    let exchangeFlag: UInt32 = 2
    guard let renameAt2 else { return ENOSYS }
    return renameAt2(AT_FDCWD, first, AT_FDCWD, second, exchangeFlag) == 0 ? 0 : errno
}
