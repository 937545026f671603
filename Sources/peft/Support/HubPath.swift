import Foundation
import PEFTHub

/// A path on the command line that may be a name on the hub instead; what exists goes first.
struct HubPath {
    private let text: String
    private let option: String

    /// - Parameter option: what gave it, as errors call it.
    init(_ text: String, option: String) {
        self.text = text
        self.option = option
    }

    /// What the hub has of this name, in the cache; nil for a path, also one where nothing is.
    ///
    /// - Throws: ``CommandError`` that says where it was looked for.
    func fetched(_ content: HubContent) async throws -> HubSnapshot? {
        guard !FileManager.default.fileExists(atPath: text), HubName.isName(text) else { return nil }
        let display = DownloadDisplay()
        do {
            return try await ModelHub().snapshot(of: text, content, report: display.show)
        } catch let error as HubError {
            throw CommandError("\(option) \(text): there is no such file or folder here, and from the hub: \(error)")
        }
    }

    /// A folder of this path, or with what the hub has of this name.
    func folder(_ content: HubContent) async throws -> URL {
        try await fetched(content)?.folder ?? URL(filePath: text, directoryHint: .isDirectory)
    }

    /// The revision of a name on the hub, if it has one.
    static func revision(_ text: String) -> String? { (try? HubName(text))?.revision }

    /// A name on the hub without its revision.
    static func name(_ text: String) -> String { (try? HubName(text).nameWithoutRevision) ?? text }
}
