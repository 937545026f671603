#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writing a folder of files so that its path always names either the old folder or the whole new one.
///
/// The files go to a hidden sibling folder, are synced, and the two folders change places in one step; then the old
/// one is removed. When anything fails the new files are removed and the old folder stays. On file systems that cannot
/// exchange two names, the old folder is moved aside, the new one moved in, and on failure the old one moved back.
public enum AtomicFolder {
    /// Writes the files that `body` hands to the writer, and replaces the folder at `path` if there is one.
    ///
    /// Missing parent folders are created.
    ///
    /// - Parameters:
    ///   - isReplaceable: whether a name in the existing folder belongs to what is written here. Anything else is
    ///     somebody's file, and a reason to refuse before any work.
    ///   - isKept: whether a name in the existing folder stays beside what is written here, unless that has one of its
    ///     own.
    /// - Throws: ``FileError``, or what `body` throws.
    public static func write(
        to path: String,
        isReplaceable: (String) -> Bool,
        keeping isKept: (String) -> Bool = { _ in false },
        _ body: (borrowing FolderWriter) throws -> Void
    ) throws {
        try write(to: path, isReplaceable: isReplaceable, keeping: isKept, exchanging: .inOneStep, body)
    }

    /// Makes sure, before long work, that a folder can be written at `path`: what is there can be replaced, and the
    /// nearest folder above it that exists takes new folders.
    ///
    /// - Parameter isReplaceable: as for ``write(to:isReplaceable:keeping:_:)``.
    /// - Throws: ``FileError``.
    public static func checkDestination(_ path: String, isReplaceable: (String) -> Bool) throws(FileError) {
        let target = FileSystem.resolved(path) ?? path
        try checkReplaceable(target, isReplaceable)
        var parent = FileSystem.parent(of: target)
        while try FileSystem.kind(of: parent) == nil { parent = FileSystem.parent(of: parent) }
        // Only an attempt tells: permissions say nothing of a read-only file system, or to a privileged user.
        let attempt = FileSystem.temporarySibling(of: parent + "/" + FileSystem.name(of: target))
        guard mkdir(attempt, 0o777) == 0 else { throw FileError(path: path, action: "write") }
        rmdir(attempt)
    }

    /// How two folders change places.
    package enum Exchange {
        /// By one system call, or in two steps where the file system has none.
        case inOneStep
        /// By moving one aside, as file systems without an exchange need it.
        case inTwoSteps
    }

    package static func write(
        to path: String,
        isReplaceable: (String) -> Bool,
        keeping isKept: (String) -> Bool = { _ in false },
        exchanging exchange: Exchange,
        _ body: (borrowing FolderWriter) throws -> Void
    ) throws {
        // Through links, so that the folder that is meant gets replaced and not the link to it.
        let target = FileSystem.resolved(path) ?? path
        try checkReplaceable(target) { isReplaceable($0) || isKept($0) }
        let created = try createParents(of: target)
        let temporary = FileSystem.temporarySibling(of: target)
        do {
            guard mkdir(temporary, 0o777) == 0 else { throw FileError(path: path, action: "write") }
            try body(FolderWriter(temporary: temporary, path: path))
            try keep(isKept, of: target, in: temporary)
            try FileSystem.synchronize(folder: temporary)
            try install(temporary, at: target, exchange)
        } catch {
            FileSystem.removeTree(temporary)
            for folder in created.reversed() { rmdir(folder) }
            throw error
        }
        // After an exchange this is the old folder. The new one is in place, whether or not the old one goes.
        FileSystem.removeTree(temporary)
        try FileSystem.synchronize(folder: FileSystem.parent(of: target))
    }

    /// Gives what is kept of the old folder a second name in the new one, where the new one has nothing of that name.
    private static func keep(_ isKept: (String) -> Bool, of old: String, in new: String) throws(FileError) {
        guard try FileSystem.kind(of: old) != nil else { return }
        for name in try FileSystem.names(in: old) where isKept(name) {
            guard try FileSystem.kind(of: new + "/" + name) == nil else { continue }
            try FileSystem.linkTree(old + "/" + name, new + "/" + name)
        }
    }

    /// Removes a folder so that its name disappears in one step, whatever happens while its files go.
    ///
    /// - Throws: ``FileError``.
    package static func remove(_ path: String) throws(FileError) {
        let aside = FileSystem.temporarySibling(of: path)
        guard rename(path, aside) == 0 else { throw FileError(path: path, action: "remove") }
        FileSystem.removeTree(aside)
    }

    /// Removes what processes that were killed left beside `path`: folders that were being written to it or removed.
    package static func removeLeftovers(of path: String) {
        let (parent, name) = (FileSystem.parent(of: path), FileSystem.name(of: path))
        for sibling in (try? FileSystem.names(in: parent)) ?? []
        where FileSystem.original(ofTemporary: sibling) == name {
            FileSystem.removeTree(parent + "/" + sibling)
        }
    }

    private static func checkReplaceable(_ path: String, _ isReplaceable: (String) -> Bool) throws(FileError) {
        switch try FileSystem.kind(of: path) {
        case nil: return
        case .folder: break
        default: throw FileError(path: path, action: "write", reason: "it is a file; choose a new folder")
        }
        let foreign = try FileSystem.names(in: path).filter { !isReplaceable($0) }
        guard foreign.isEmpty else {
            let names = foreign.prefix(3).joined(separator: ", ") + (foreign.count > 3 ? ", …" : "")
            throw FileError(
                path: path,
                action: "replace",
                reason:
                    "it holds files that are never replaced here (\(names)); choose a new folder, or move or remove them"
            )
        }
    }

    /// Creates the folders above `path` and returns those that did not exist, outermost first.
    private static func createParents(of path: String) throws(FileError) -> [String] {
        let parent = FileSystem.parent(of: path)
        guard try FileSystem.kind(of: parent) == nil else { return [] }
        let created = try createParents(of: parent)
        guard mkdir(parent, 0o777) == 0 else { throw FileError(path: parent, action: "create") }
        return created + [parent]
    }

    private static func install(_ temporary: String, at path: String, _ exchange: Exchange) throws(FileError) {
        guard try FileSystem.kind(of: path) != nil else {
            guard rename(temporary, path) == 0 else { throw FileError(path: path, action: "write") }
            return
        }
        switch exchange {
        case .inTwoSteps: try exchangeInTwoSteps(temporary, path)
        case .inOneStep:
            switch exchangeNames(temporary, path) {
            case 0: return
            case EINVAL, ENOSYS: try exchangeInTwoSteps(temporary, path)
            case EBUSY:
                throw FileError(
                    path: path,
                    action: "replace",
                    reason: "it is in use as a mount point; choose a folder inside it"
                )
            case let code: throw FileError(path: path, action: "replace", code: code)
            }
        }
    }

    private static func exchangeInTwoSteps(_ temporary: String, _ path: String) throws(FileError) {
        let aside = FileSystem.temporarySibling(of: path)
        guard rename(path, aside) == 0 else { throw FileError(path: path, action: "replace") }
        guard rename(temporary, path) == 0 else {
            let error = FileError(path: path, action: "replace")
            rename(aside, path)
            throw error
        }
        FileSystem.removeTree(aside)
    }
}

/// A folder that is being written; it has a temporary name until all its files are there.
public struct FolderWriter: ~Copyable {
    let temporary: String
    /// Where the folder will be, which is what errors name.
    public let path: String

    fileprivate init(temporary: String, path: String) {
        self.temporary = temporary
        self.path = path
    }

    /// Writes a file of the folder with what `body` hands to the writer.
    ///
    /// - Throws: ``FileError``, or what `body` throws.
    public func write(_ name: String, _ body: (inout FileWriter) throws -> Void) throws {
        try AtomicFile.writeNew(temporary + "/" + name, for: path + "/" + name, body)
    }

    /// Writes a folder inside the folder.
    ///
    /// - Throws: ``FileError``, or what `body` throws.
    public func folder(_ name: String, _ body: (borrowing FolderWriter) throws -> Void) throws {
        let inner = FolderWriter(temporary: temporary + "/" + name, path: path + "/" + name)
        guard mkdir(inner.temporary, 0o777) == 0 else { throw FileError(path: inner.path, action: "write") }
        try body(inner)
        try FileSystem.synchronize(folder: inner.temporary)
    }

    /// Writes a file of the folder.
    ///
    /// - Throws: ``FileError``.
    public func write(_ name: String, _ bytes: [UInt8]) throws {
        try write(name) { try $0.write(bytes) }
    }
}
