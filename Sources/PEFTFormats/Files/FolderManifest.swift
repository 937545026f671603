/// The size and digest of every file of a folder, in a file beside them: a folder whose files all agree is whole and
/// undamaged.
package enum FolderManifest {
    /// Writes the manifest of what `folder` holds so far, as its last file.
    package static func write(_ name: String, into folder: borrowing FolderWriter) throws {
        var files = JSONObject()
        for file in try relativePaths(in: folder.temporary) {
            files[file] = try entry(of: folder.temporary + "/" + file)
        }
        let manifest: JSONObject = ["version": 1, "files": .object(files)]
        try folder.write(name, JSONValue.object(manifest).bytes(.pretty))
    }

    /// What is wrong with a folder, as the rest of a sentence that begins with the file; nil when nothing is.
    package static func fault(of folder: String, manifest name: String) -> String? {
        do {
            let path = folder + "/" + name
            let files = try JSONReader(try JSONValue(contentsOf: path), source: path)["files"].members()
            for (file, expected) in files {
                guard try FileSystem.kind(of: folder + "/" + file) == .file else { return "\(file) is missing" }
                let found = try entry(of: folder + "/" + file)
                guard found == expected.value else { return "\(file) is not what was written" }
            }
            return files.isEmpty ? "\(name) lists no files" : nil
        } catch {
            return "\(error)"
        }
    }

    private static func entry(of path: String) throws -> JSONValue {
        var digest = ContentDigest()
        let bytes = try MappedFile(path: path).withUnsafeBytes { bytes in
            digest.add(bytes)
            return bytes.count
        }
        return ["bytes": JSONValue(bytes), "digest": .string(digest.text)]
    }

    private static func relativePaths(in folder: String) throws -> [String] {
        try FileSystem.names(in: folder).flatMap { name in
            try FileSystem.kind(of: folder + "/" + name) == .folder
                ? relativePaths(in: folder + "/" + name).map { name + "/" + $0 } : [name]
        }
    }
}
