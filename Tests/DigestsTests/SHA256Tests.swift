import Digests
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "the standard's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func examples(message: String, expected: String) {
        #expect(SHA256.hash(message.utf8).hexadecimal == expected)
    }

    @Test("a million letters, many blocks")
    func million() {
        let hash = SHA256.hash(repeatElement(UInt8(ascii: "a"), count: 1_000_000))
        #expect(hash.hexadecimal == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(
        "lengths around the padding's edge",
        arguments: [
            (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
            (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
            (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
            (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
            (65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
        ]
    )
    func paddingEdges(count: Int, expected: String) {
        #expect(SHA256.hash(repeatElement(UInt8(ascii: "a"), count: count)).hexadecimal == expected)
    }

    @Test(
        "pieces of any size, with and without the processor's own instructions",
        arguments: [1, 63, 64, 65, 1000, 4096]
    )
    func pieces(size: Int) {
        let message = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 5) }
        var (fast, portable) = (SHA256(), SHA256.portable)
        for start in stride(from: 0, to: message.count, by: size) {
            message[start..<min(message.count, start + size)].withUnsafeBytes {
                fast.add($0)
                portable.add($0)
            }
        }
        let expected = SHA256.hash(message)
        #expect(fast.bytes() == expected)
        #expect(portable.bytes() == expected)
        // Asking changes nothing.
        #expect(fast.bytes() == expected)
    }
}
