import Foundation
import Synchronization

/// Opens a folder and reads its file `config` again and again, and notes whenever either is missing or not whole.
final class FolderObserver: Sendable {
    struct State {
        var looks = 0
        var contents = 0
        var faults: [String] = []
        var isStopped = false
    }

    private let path: String
    private let size: Int
    private let shared = Mutex(State())

    init(path: String, size: Int) {
        self.path = path
        self.size = size
    }

    var state: State { shared.withLock { $0 } }

    func stop() {
        shared.withLock { $0.isStopped = true }
    }

    func run() {
        var last: [UInt8] = []
        while !state.isStopped {
            let (bytes, fault) = look()
            shared.withLock { state in
                state.looks += 1
                if let bytes, bytes != last { state.contents += 1 }
                if let fault { state.faults.append(fault) }
            }
            last = bytes ?? last
        }
    }

    private func look() -> (bytes: [UInt8]?, fault: String?) {
        let folder = open(path, O_RDONLY | O_DIRECTORY)
        guard folder >= 0 else { return (nil, "no folder") }
        defer { close(folder) }
        let file = openat(folder, "config", O_RDONLY)
        guard file >= 0 else {
            // The folder that was opened may have been replaced since, and lose its files; the one in place may not.
            return (nil, isInPlace(folder) ? "no file" : nil)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: size + 1)
        let count = read(file, &bytes, bytes.count)
        bytes.removeLast()
        return (bytes, count == size && Set(bytes).count == 1 ? nil : "\(count) bytes")
    }

    private func isInPlace(_ folder: Int32) -> Bool {
        var (opened, current) = (Foundation.stat(), Foundation.stat())
        return fstat(folder, &opened) == 0 && stat(path, &current) == 0 && opened.st_ino == current.st_ino
    }
}
