#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A file or folder that could not be read or written.
public struct FileError: Error, Equatable, CustomStringConvertible {
    /// The file or folder.
    public let path: String
    /// What was attempted, as in `open` or `write`.
    public let action: String
    /// Why it failed.
    public let reason: String
    /// The system's error number, or 0 if the reason is not the system's.
    public let code: Int32

    /// A failure with a reason of our own.
    public init(path: String, action: String, reason: String) {
        self.path = path
        self.action = action
        self.reason = reason
        self.code = 0
    }

    /// A failed system call, by its `errno`.
    package init(path: String, action: String, code: Int32 = errno) {
        self.path = path
        self.action = action
        self.code = code
        self.reason = String(cString: strerror(code)) + FileError.remedy(code)
    }

    /// One sentence: what failed, on which path, why, and what helps if that is known.
    public var description: String { "cannot \(action) \(path): \(reason)" }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "; free some space and try again"
        case EFBIG: "; raise the limit on the size of a file (ulimit -f)"
        case EROFS, EACCES: "; choose another folder or change its permissions"
        default: ""
        }
    }
}
