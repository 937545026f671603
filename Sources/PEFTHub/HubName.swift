import PEFTFormats

/// What a user calls something on the hub: `name` or `owner/name`, a file of it behind another slash, and `@revision`.
package struct HubName: Equatable, Sendable {
    /// The repository, as in `google-bert/bert-base-uncased`.
    package let repository: String
    /// The branch, tag or commit, if one was named.
    package let revision: String?
    /// The GGUF file in the repository, if one was named.
    package let file: String?

    /// - Throws: ``HubError`` for a name that the hub cannot have.
    package init(_ text: String) throws(HubError) {
        let sides = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let parts = sides[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if sides.count == 2 { try Self.requireRevision(sides[1]) }
        let hasFile = parts.count > 2 && sides[0].hasSuffix(".gguf")
        repository = hasFile ? parts[..<2].joined(separator: "/") : sides[0]
        file = hasFile ? parts[2...].joined(separator: "/") : nil
        revision = sides.count == 2 ? sides[1] : nil
        if let reason = Self.fault(of: repository) {
            throw HubError(.invalidName, "\(text.quoted) is no name of a repository on the hub: \(reason)")
        }
        if let file { try Self.requireFile(file, of: repository) }
    }

    /// Whether a text can be a name on the hub and does not look like a file.
    package static func isName(_ text: String) -> Bool {
        guard let name = try? HubName(text) else { return false }
        return name.file != nil || ![".gguf", ".safetensors", ".json"].contains(where: name.repository.hasSuffix)
    }

    /// As the adapters of this base call it: without the revision.
    package var nameWithoutRevision: String { file.map { repository + "/" + $0 } ?? repository }

    /// Why a repository cannot be called so, by the rules of the hub; nil when it can.
    private static func fault(of repository: String) -> String? {
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return "it has more than an owner and a name" }
        for part in parts {
            guard let first = part.utf8.first, let last = part.utf8.last else { return "a part of it is empty" }
            guard part.utf8.count <= 96 else { return "a part of it is longer than 96 characters" }
            guard part.utf8.allSatisfy({ isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }) else {
                return "it has characters besides letters, digits, -, _ and ."
            }
            guard isWordByte(first), isWordByte(last) else { return "a part of it begins or ends with - or ." }
        }
        if repository.contains("--") || repository.contains("..") { return "it has -- or .." }
        return repository.hasSuffix(".git") ? "it ends with .git" : nil
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }

    /// - Throws: ``HubError`` for a revision that git cannot have or that would leave the folder of revisions.
    static func requireRevision(_ revision: String) throws(HubError) {
        guard staysInside(revision), canBeFile(revision), !revision.contains(where: "\\:".contains) else {
            throw HubError(.invalidName, "\(revision.quoted) is no branch, tag or commit")
        }
    }

    /// - Throws: ``HubError`` for a file name that leaves its folder, or that no file system takes.
    static func requireFile(_ file: String, of repository: String) throws(HubError) {
        try requireInside(file, of: repository)
        guard canBeFile(file) else {
            throw HubError(
                .invalidName,
                "\(file.quoted), a file of \(repository), is refused: its name is too long or has control characters"
            )
        }
    }

    /// - Throws: ``HubError`` for a file name that leaves its folder, whoever gave it.
    static func requireInside(_ file: String, of repository: String) throws(HubError) {
        guard staysInside(file) else {
            throw HubError(
                .invalidName,
                "\(file.quoted), a file of \(repository), is refused: a name in a repository has no .. and no empty part, and "
                    + "does not begin with /"
            )
        }
    }

    /// Whether a file system takes a path.
    static func canBeFile(_ path: String) -> Bool {
        path.utf8.count <= 1024 && !path.utf8.contains { $0 < 0x20 || $0 == 0x7f }
            && path.split(separator: "/").allSatisfy { $0.utf8.count <= 255 }
    }

    /// Whether a path stays in its folder.
    private static func staysInside(_ path: String) -> Bool {
        path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !["", ".", ".."].contains($0) }
    }

    /// Whether a revision is a commit's whole name, which never means anything else.
    static func isCommit(_ revision: String) -> Bool { revision.isHexadecimal(digits: 40) }
}

extension String {
    /// Whether this is a number of so many hexadecimal digits, letters small.
    func isHexadecimal(digits: Int) -> Bool {
        utf8.count == digits
            && utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}
