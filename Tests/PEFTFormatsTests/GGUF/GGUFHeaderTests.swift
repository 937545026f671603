import PEFTFormats
import PEFTTensor
import Testing

@Suite("The header of a GGUF file")
struct GGUFHeaderTests {
    private func draft(_ change: (inout GGUFDraft) -> Void) -> GGUFDraft {
        var draft = GGUFDraft()
        change(&draft)
        return draft
    }

    @Test("keys, tensors, their types, extents and places are read")
    func entries() throws {
        let header = try parseGGUF(GGUFDraft.sound.bytes)
        #expect(header.version == 3 && header.alignment == 32)
        #expect(header.keys == ["general.architecture", "a.flag", "a.strings", "a.nested", "a.number"])
        #expect(header.entries.map(\.name) == ["w", "q", "s"])
        #expect(header.entries.map(\.type) == [.elements(.float32), .blocks(.q80), .elements(.int8)])
        #expect(header.entries.map(\.shape) == [[2, 3], [2, 32], []], "the file has the innermost extent first")
        let start = GGUFDraft.sound.bytes.count - 129
        #expect(
            header.entries.map(\.byteRange) == [
                start..<(start + 24), (start + 32)..<(start + 100), (start + 128)..<(start + 129),
            ]
        )
    }

    @Test("a file without entries and tensors is accepted, in version 2 and 3", arguments: [2, 3] as [UInt32])
    func empty(_ version: UInt32) {
        #expect(draft { $0.version = version }.fault == nil)
    }

    @Test("other files, other versions and other machines' files are refused")
    func versions() {
        #expect(
            ggufFault([]) == "x.gguf: the file ends in its first four bytes: it takes 4 bytes, but 0 are left; "
                + "it is cut off or damaged (at byte 0)"
        )
        #expect(
            draft { $0.magic = Array("GGML".utf8) }.fault
                == "x.gguf: it does not begin with GGUF: it is no GGUF file (at byte 0)"
        )
        for version: UInt32 in [0, 1, 4] {
            #expect(
                draft { $0.version = version }.fault
                    == "x.gguf: version \(version) of the format is not read, only 2 and 3; convert the model again (at byte 4)"
            )
        }
        #expect(draft { $0.version = UInt32(3).byteSwapped }.fault?.contains("big-endian") == true)
    }

    @Test("counts that cannot be are refused before they are counted to")
    func counts() {
        #expect(draft { $0.tensorCount = .max }.fault?.contains("18446744073709551615 tensors do not fit the ") == true)
        #expect(draft { $0.entryCount = 1 << 40 }.fault?.contains("1099511627776 metadata entries do not fit") == true)
        #expect(
            draft { $0.add("a", 9, little(UInt32(8)) + little(UInt64.max)) }.fault?
                .contains("key \"a\": 18446744073709551615 values of type string do not fit the ") == true
        )
        #expect(
            draft { $0.add("a", 9, little(UInt32(10)) + little(UInt64.max)) }.fault?
                .contains(
                    "key \"a\": the file ends in 18446744073709551615 values of type uint64: it takes more bytes than"
                ) == true
        )
        #expect(draft { $0.add("a", 8, little(UInt64(1) << 62)) }.fault?.contains("the file ends in a string") == true)
    }

    @Test("keys and names are strict UTF-8, and none occurs twice")
    func names() {
        #expect(
            draft { $0.metadata = [([0xFF], 7, [1])] }.fault?.contains("the key of metadata entry 0 is no UTF-8")
                == true
        )
        #expect(
            draft { $0.tensors = [([0xC0, 0x80], [], 0, 0)] }.fault?.contains("the name of tensor 0 is no UTF-8")
                == true
        )
        #expect(
            draft {
                $0.add("a", 7, [1])
                $0.add("a", 7, [0])
            }.fault == "x.gguf: key \"a\": it occurs twice (at byte 38)"
        )
        // Canonically the same, but other bytes.
        #expect(
            draft {
                $0.add("é", 7, [1])
                $0.add("e\u{301}", 7, [0])
            }.fault == nil
        )
        #expect(
            draft {
                $0.add("t", [1], at: 0)
                $0.add("t", [1], at: 32)
                $0.data = [UInt8](repeating: 0, count: 64)
            }.fault?.contains("tensor \"t\": it occurs twice") == true
        )
    }

    @Test("values of no type, truth values beside 0 and 1, and deep nesting are refused")
    func values() {
        #expect(draft { $0.add("a", 13, []) }.fault?.contains("key \"a\": 13 is no type of a value") == true)
        #expect(draft { $0.add("a", 7, [2]) }.fault?.contains("key \"a\": 2 is no truth value") == true)
        let one = little(UInt32(9)) + little(UInt64(1))
        let nested = (0..<12).flatMap { _ in one } + little(UInt32(4)) + little(UInt64(0)) + little(UInt64(0))
        #expect(draft { $0.add("a", 9, nested) }.fault?.contains("nested deeper than 8") == true)
    }

    @Test("an alignment is a power of two", arguments: [0, 3, 48] as [UInt32])
    func alignment(_ alignment: UInt32) {
        #expect(
            draft { $0.add("general.alignment", 4, little(alignment)) }.fault?
                .contains("key \"general.alignment\": an alignment is a power of two, not \(alignment)") == true
        )
        #expect(
            draft { $0.add("general.alignment", 10, little(UInt64(32))) }.fault?
                .contains("it must be uint32, not uint64") == true
        )
    }

    @Test(
        "types that are not read are named",
        arguments: [(10, "Q2_K"), (4, "Q4_2"), (19, "IQ1_S"), (39, "MXFP4"), (99, "of no name known here")]
            as [(UInt32, String)]
    )
    func types(_ number: UInt32, _ name: String) {
        let fault = draft { $0.add("t", [256], type: number) }.fault
        #expect(
            fault?.contains(
                "tensor \"t\": its type \(number), \(name), is not read here; take a file with F32, F16, Q4_0"
            ) == true
        )
    }

    @Test("extents that are too many, too large or no whole blocks are refused")
    func extents() {
        #expect(
            draft { $0.add("t", [1, 1, 1, 1, 1]) }.fault?.contains("it has 5 dimensions; there are at most 4") == true
        )
        #expect(draft { $0.add("t", [1 << 40, 1 << 40]) }.fault?.contains("more elements than can be counted") == true)
        #expect(
            draft { $0.add("t", [1 << 40, 1 << 40, 0]) }.fault?.contains("more elements than can be counted") == true
        )
        #expect(draft { $0.add("t", [1 << 62], type: 28) }.fault?.contains("more bytes than can be counted") == true)
        #expect(
            draft { $0.add("t", [48, 2], type: 2) }.fault?.contains(
                "rows of 48 elements are no whole blocks of 32, as Q4_0 has them"
            ) == true
        )
        #expect(draft { $0.add("t", [0, 3]) }.fault == nil)
    }

    @Test("places outside the file, off the alignment or inside another tensor are refused")
    func places() {
        func two(_ second: UInt64, data: Int) -> GGUFDraft {
            draft {
                $0.add("a", [16], at: 0)
                $0.add("b", [8], at: second)
                $0.data = [UInt8](repeating: 0, count: data)
            }
        }
        #expect(two(64, data: 96).fault == nil)
        #expect(two(96, data: 128).fault == nil, "a hole is nobody's")
        #expect(
            two(64, data: 95).fault?.contains(
                "tensor \"b\": its 32 bytes begin at 64 of the data, of which the file holds 95"
            ) == true
        )
        #expect(two(32, data: 96).fault?.contains("tensor \"b\": it begins inside of \"a\"") == true)
        #expect(two(0, data: 96).fault?.contains("it begins inside of") == true)
        #expect(two(65, data: 128).fault?.contains("its elements begin at 65, no multiple of the alignment 32") == true)
        #expect(two(.max - 31, data: 96).fault?.contains("of which the file holds 96") == true)
    }
}
