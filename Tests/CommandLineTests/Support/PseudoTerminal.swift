import Foundation

/// A terminal without a screen: what is written to its end is collected.
final class PseudoTerminal {
    /// The end that a process writes to.
    let end: FileHandle
    private let controller: Int32

    init(columns: UInt16) throws {
        var descriptors: (controller: Int32, end: Int32) = (-1, -1)
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&descriptors.controller, &descriptors.end, nil, nil, &size) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        controller = descriptors.controller
        end = FileHandle(fileDescriptor: descriptors.end, closeOnDealloc: true)
    }

    deinit {
        close(controller)
    }

    /// Everything that was written, once nobody can write any more; blocks until then.
    func readToEnd() throws -> String {
        try end.close()
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(controller, &buffer, buffer.count)
            // The last writer's leaving shows as an error here.
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
