#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The few questions to the file system that loading and saving ask, without Foundation.
package enum FileSystem {
    package enum Kind {
        case file, folder, other
    }

    /// What is at `path`, links followed; nil if nothing is.
    package static func kind(of path: String) throws(FileError) -> Kind? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError(path: path, action: "look at")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// The names in a folder, sorted, without `.` and `..`.
    package static func names(in folder: String) throws(FileError) -> [String] {
        guard let stream = opendir(folder) else { throw FileError(path: folder, action: "list") }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw FileError(path: folder, action: "list") }
                return names.sorted { $0.precedesByBytes($1) }
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// The folder that holds `path`.
    package static func parent(of path: String) -> String {
        let trimmed = trimmingSlashes(path)
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        let parent = trimmingSlashes(String(trimmed[..<slash]))
        return parent.isEmpty ? "/" : parent
    }

    /// The last component of `path`.
    package static func name(of path: String) -> String {
        let trimmed = trimmingSlashes(path)
        guard let slash = trimmed.lastIndex(of: "/") else { return trimmed }
        return String(trimmed[trimmed.index(after: slash)...])
    }

    /// The absolute path with links resolved; nil if nothing is there.
    package static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    /// A path beside `path` that nobody uses, hidden, and recognisable as a leftover of it.
    package static func temporarySibling(of path: String) -> String {
        let mark = String(UInt64.random(in: .min ... .max), radix: 36)
        return parent(of: path) + "/." + name(of: path) + "." + mark + ".tmp"
    }

    /// What something was called for which ``temporarySibling(of:)`` made this name; nil for any other name.
    package static func original(ofTemporary name: String) -> String? {
        guard name.hasPrefix("."), name.hasSuffix(".tmp") else { return nil }
        let parts = name.dropFirst().dropLast(".tmp".count)
        guard let dot = parts.lastIndex(of: "."), dot > parts.startIndex else { return nil }
        let mark = parts[parts.index(after: dot)...]
        let isMark = !mark.isEmpty && mark.allSatisfy { $0.isASCII && ($0.isNumber || $0.isLowercase) }
        return isMark ? String(parts[..<dot]) : nil
    }

    /// A second name for a file, or a new folder with second names for everything in one; a copy where the file system
    /// has no second names.
    static func linkTree(_ old: String, _ new: String) throws(FileError) {
        guard try kind(of: old) == .folder else {
            if link(old, new) == 0 { return }
            let bytes = try MappedFile(path: old)
            do {
                try AtomicFile.writeNew(new, for: new) { writer in
                    try bytes.withUnsafeBytes { try writer.write($0) }
                }
            } catch let error as FileError {
                throw error
            } catch {
                throw FileError(path: new, action: "write", reason: "\(error)")
            }
            return
        }
        guard mkdir(new, 0o777) == 0 else { throw FileError(path: new, action: "create") }
        for name in try names(in: old) { try linkTree(old + "/" + name, new + "/" + name) }
        try synchronize(folder: new)
    }

    /// Makes the names in a folder durable: a file's own sync does not cover its entry in the folder.
    package static func synchronize(folder: String) throws(FileError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: folder, action: "open") }
        defer { close(descriptor) }
        // Some file systems have no sync for folders and say so by EINVAL.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError(path: folder, action: "sync") }
    }

    /// Removes a file, or a folder with everything in it, as far as possible; links are not followed.
    package static func removeTree(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in (try? names(in: path)) ?? [] { removeTree(path + "/" + name) }
        rmdir(path)
    }

    private static func trimmingSlashes(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        return String(path)
    }
}
