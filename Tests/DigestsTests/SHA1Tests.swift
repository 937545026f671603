import Digests
import Testing

@Suite("SHA-1")
struct SHA1Tests {
    @Test(
        "the standard's examples",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        ]
    )
    func examples(message: String, expected: String) {
        #expect(hash(Array(message.utf8), pieces: 1000) == expected)
    }

    @Test("git's name of a file that says hello")
    func git() {
        #expect(hash(Array("blob 6\0hello\n".utf8), pieces: 5) == "ce013625030ba8dba906f756967f9e9ca394464a")
    }

    @Test("a million letters, in pieces of any size", arguments: [1_000_000, 4096, 63, 64, 65])
    func million(pieces: Int) {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(hash(message, pieces: pieces) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
    }

    private func hash(_ message: [UInt8], pieces: Int) -> String {
        var digest = SHA1()
        for start in stride(from: 0, to: message.count, by: pieces) {
            message[start..<min(message.count, start + pieces)].withUnsafeBytes { digest.add($0) }
        }
        return digest.bytes().hexadecimal
    }
}
