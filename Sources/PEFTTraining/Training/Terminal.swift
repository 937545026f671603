import Foundation

/// The terminal behind standard error, if there is one.
package enum Terminal {
    /// Whether lines can be drawn over.
    package static var isInteractive: Bool {
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// The number of characters of a line, now: terminals change their size. 80 where none is known.
    package static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Whether the locale can show more than ASCII.
    package static var isUnicode: Bool {
        let environment = ProcessInfo.processInfo.environment
        // The first that is set counts, as in setlocale.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        return locale.map { ["utf-8", "utf8"].contains(where: $0.lowercased().contains) } ?? false
    }

    /// Writes to standard error as far as it takes it: progress that nobody can read is no reason to end a run.
    package static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = Foundation.write(STDERR_FILENO, rest.baseAddress, rest.count)
                guard written > 0 || errno == EINTR else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[max(0, written)...])
            }
        }
    }
}
