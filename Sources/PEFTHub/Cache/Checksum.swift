import Digests

/// What the hub calls a file's content by: the SHA-256 of a large file, or the SHA-1 by which git names a small one.
enum Checksum: Equatable, Sendable {
    case sha256(String)
    case gitBlob(String)

    /// - Parameter tag: an ETag, also a weak or quoted one; nil for one that is no checksum.
    init?(entityTag tag: String) {
        let plain = Checksum.plain(tag)
        if plain.isHexadecimal(digits: 64) {
            self = .sha256(plain)
        } else if plain.isHexadecimal(digits: 40) {
            self = .gitBlob(plain)
        } else {
            return nil
        }
    }

    /// An ETag without its quotes and its mark of weakness.
    static func plain(_ tag: String) -> String {
        let bare = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]
        return bare.count >= 2 && bare.first == "\"" && bare.last == "\""
            ? String(bare.dropFirst().dropLast()) : String(bare)
    }

    /// The digits.
    var text: String {
        switch self {
        case .sha256(let text), .gitBlob(let text): text
        }
    }

    var algorithm: String {
        switch self {
        case .sha256: "SHA-256"
        case .gitBlob: "git's SHA-1"
        }
    }
}

/// The digest by which a checksum is computed, piece by piece.
enum ChecksumDigest: Sendable {
    case sha256(SHA256)
    case gitBlob(SHA1)

    /// - Parameter size: the size of the whole content, with which git's digest begins.
    init(for checksum: Checksum, size: Int) {
        switch checksum {
        case .sha256: self = .sha256(SHA256())
        case .gitBlob:
            var digest = SHA1()
            Array("blob \(size)\0".utf8).withUnsafeBytes { digest.add($0) }
            self = .gitBlob(digest)
        }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .sha256(var digest):
            digest.add(bytes)
            self = .sha256(digest)
        case .gitBlob(var digest):
            digest.add(bytes)
            self = .gitBlob(digest)
        }
    }

    var text: String {
        switch self {
        case .sha256(let digest): digest.bytes().hexadecimal
        case .gitBlob(let digest): digest.bytes().hexadecimal
        }
    }
}
