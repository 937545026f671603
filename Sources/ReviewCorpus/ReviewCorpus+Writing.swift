package import Foundation

extension ReviewCorpus {
    /// Writes `train.jsonl`, `validation.jsonl` and `test.jsonl` into `folder`, which is made if it doesn't exist.
    ///
    /// Everything is on disk under other names before the first file gets its own: a full disk leaves older files alone.
    package func write(to folder: URL) throws {
        let files = FileManager.default
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        let partial = folder.appendingPathComponent(".partial-\(ProcessInfo.processInfo.processIdentifier)")
        try files.createDirectory(at: partial, withIntermediateDirectories: false)
        defer { try? files.removeItem(at: partial) }
        let names = Split.allCases.map { (split: $0, name: "\($0.rawValue).jsonl") }
        for (split, name) in names {
            let lines = rows[split, default: []].map { $0.jsonLine + "\n" }
            try Data(lines.joined().utf8).write(to: partial.appendingPathComponent(name))
        }
        for (_, name) in names {
            let (source, target) = (partial.appendingPathComponent(name), folder.appendingPathComponent(name))
            guard rename(source.path, target.path) == 0 else {
                throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: target.path])
            }
        }
    }
}
