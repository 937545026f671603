import PEFTFormats
import PEFTTensor
import Testing

@Suite("The safetensors header")
struct SafetensorsHeaderTests {
    @Test("a file without tensors is accepted", arguments: ["{}", "{}      ", #"{"__metadata__":{}}"#])
    func empty(_ header: String) throws {
        #expect(try parseHeader(safetensors(header, data: 0)).entries.isEmpty)
    }

    @Test("names, types, shapes and places are read; tensors come in the order of their bytes")
    func entries() throws {
        let header = #"""
            {"b":{"dtype":"F32","shape":[2,1],"data_offsets":[3,11]},"__metadata__":{"format":"pt","é":""},
             "a":{"shape":[3],"data_offsets":[0,3],"dtype":"U8"},"":{"dtype":"BOOL","shape":[],"data_offsets":[11,12]}}
            """#
        let parsed = try parseHeader(safetensors(header, data: 12))
        #expect(parsed.entries.map(\.name) == ["a", "b", ""])
        #expect(parsed.entries.map(\.elementType) == [.uint8, .float32, .bool])
        #expect(parsed.entries.map(\.shape) == [[3], [2, 1], []])
        let start = 8 + header.utf8.count
        #expect(parsed.entries.map(\.byteRange.lowerBound) == [start, start + 3, start + 11])
        #expect(parsed.entries.map(\.byteCount) == [3, 8, 1])
        #expect(parsed.metadata.map(\.key) == ["format", "é"])
        #expect(parsed.metadata.map(\.value) == ["pt", ""])
    }

    @Test("zero-sized tensors lie anywhere between others")
    func zeroSize() throws {
        let header = #"""
            {"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},
             "c":{"dtype":"F32","shape":[3,0,5],"data_offsets":[0,0]}}
            """#
        #expect(try parseHeader(safetensors(header, data: 2)).entries.map(\.name) == ["c", "a", "b"])
    }

    @Test(
        "every element type has its size",
        arguments: [
            ("BOOL", 8), ("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6), ("U8", 8), ("I8", 8), ("F8_E5M2", 8),
            ("F8_E4M3", 8),
            ("F8_E8M0", 8), ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8), ("I16", 16), ("U16", 16), ("F16", 16), ("BF16", 16),
            ("I32", 32), ("U32", 32), ("F32", 32), ("C64", 64), ("F64", 64), ("I64", 64), ("U64", 64),
        ]
    )
    func sizes(_ name: String, _ bits: Int) throws {
        let record = "{\"dtype\":\"\(name)\",\"shape\":[4],\"data_offsets\":[0,\(bits / 2)]}"
        #expect(
            try parseHeader(safetensors("{\"a\":\(record)}", data: bits / 2)).entries[0].elementType.rawValue == name
        )
        let off = "{\"dtype\":\"\(name)\",\"shape\":[4],\"data_offsets\":[0,\(bits / 2 + 1)]}"
        #expect(
            recordFault(off, data: bits / 2 + 1)
                == "x.safetensors: tensor \"a\": shape [4] of \(name) needs \(bits / 2) bytes, "
                + "but its offsets span \(bits / 2 + 1)"
        )
    }

    @Test("an overlap is refused")
    func overlap() {
        let header = #"""
            {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}
            """#
        #expect(
            headerFault(safetensors(header, data: 7))
                == "x.safetensors: tensor \"b\": it begins at byte 3 of the data, inside another one up to 4"
        )
    }

    @Test("two tensors on the same bytes are refused")
    func shared() {
        let header = #"""
            {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}
            """#
        #expect(headerFault(safetensors(header, data: 4))?.contains("inside another one up to 4") == true)
    }

    @Test("a hole is refused, between tensors and before the first")
    func hole() {
        let header = #"""
            {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}}
            """#
        #expect(
            headerFault(safetensors(header, data: 9))
                == "x.safetensors: tensor \"b\": it begins at byte 5 of the data, which leaves a hole from 4"
        )
        #expect(
            recordFault(#"{"dtype":"U8","shape":[2],"data_offsets":[1,3]}"#, data: 3)
                == "x.safetensors: tensor \"a\": it begins at byte 1 of the data, which leaves a hole from 0"
        )
    }

    @Test("bytes missing at the end are counted")
    func missingBytes() {
        #expect(
            recordFault(#"{"dtype":"F32","shape":[4],"data_offsets":[0,16]}"#, data: 13)
                == "x.safetensors: 3 bytes are missing at the end: the header describes 16 bytes of data, "
                + "the file holds 13; copy or download it again"
        )
    }

    @Test("bytes too many at the end are counted")
    func extraBytes() {
        #expect(
            recordFault(#"{"dtype":"F32","shape":[4],"data_offsets":[0,16]}"#, data: 18)
                == "x.safetensors: 2 bytes too many at the end: the header describes 16 bytes of data, "
                + "the file holds 18"
        )
        #expect(headerFault(safetensors("{}", data: 1))?.contains("1 bytes too many") == true)
    }

    @Test("offsets out of order are refused")
    func reversed() {
        #expect(
            recordFault(#"{"dtype":"U8","shape":[2],"data_offsets":[2,0]}"#, data: 2)
                == "x.safetensors: tensor \"a\": its data would begin at byte 2 and end before, at 0"
        )
    }

    @Test("the product of a shape and the size in bits must not overflow")
    func overflow() {
        #expect(
            recordFault(#"{"dtype":"F32","shape":[2,18446744073709551614],"data_offsets":[0,16]}"#, data: 16)
                == "x.safetensors: tensor \"a\": shape [2, 18446744073709551614] has more elements than can be counted"
        )
        #expect(
            recordFault(#"{"dtype":"F32","shape":[2,9223372036854775807],"data_offsets":[0,16]}"#, data: 16)
                == "x.safetensors: tensor \"a\": shape [2, 9223372036854775807] has more elements than can be counted"
        )
        #expect(
            recordFault(#"{"dtype":"F32","shape":[2305843009213693952],"data_offsets":[0,0]}"#, data: 0)
                == "x.safetensors: tensor \"a\": 2305843009213693952 elements of F32 have more bits than can be counted"
        )
        #expect(
            recordFault(#"{"dtype":"U8","shape":[0,18446744073709551614],"data_offsets":[0,0]}"#, data: 0)?
                .hasSuffix("has more elements than can be counted") == true
        )
        #expect(
            recordFault(#"{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}"#, data: 0)?
                .hasSuffix("has more elements than can be counted") == true
        )
        #expect(
            recordFault(
                #"{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,18446744073709551615]}"#,
                data: 1
            )?
            .hasSuffix("has more elements than can be counted") == true
        )
        let huge = #"{"dtype":"U8","shape":[2305843009213693951],"data_offsets":[0,2305843009213693951]}"#
        #expect(recordFault(huge, data: 1)?.contains("2305843009213693950 bytes are missing") == true)
    }

    @Test("elements of less than a byte must fill whole bytes")
    func subByte() {
        #expect(
            recordFault(#"{"dtype":"F4","shape":[3],"data_offsets":[0,2]}"#, data: 2)
                == "x.safetensors: tensor \"a\": 3 elements of F4 do not fill whole bytes"
        )
        #expect(recordFault(#"{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}"#, data: 3) == nil)
    }

    @Test("a header too small, too large or longer than the file is refused")
    func lengths() {
        #expect(
            headerFault([]) == "x.safetensors: the file ends after 0 bytes; the first 8 hold the length of the header"
        )
        #expect(headerFault([2, 0, 0, 0, 0, 0, 0])?.contains("the file ends after 7 bytes") == true)
        #expect(headerFault(lengthBytes(0)) == "x.safetensors: the header must start with '{'")
        #expect(
            headerFault(lengthBytes(100_000_001) + Array("{}".utf8))
                == "x.safetensors: the header would be 100000001 bytes long, more than the 100000000 allowed"
        )
        #expect(headerFault(lengthBytes(.max) + Array("{}".utf8))?.contains("more than the 100000000 allowed") == true)
        #expect(
            headerFault(lengthBytes(100_000_000) + Array("{}".utf8))
                == "x.safetensors: the header should be 100000000 bytes long, but only 2 bytes follow; "
                + "the file is cut off or no safetensors file"
        )
        #expect(headerFault(lengthBytes(3) + Array("{}".utf8))?.contains("but only 2 bytes follow") == true)
        #expect(headerFault(lengthBytes(1) + Array("{}".utf8))?.contains("expected a key in double quotes") == true)
    }

    @Test("a header of the largest length is read")
    func longest() throws {
        let header = Array("{}".utf8) + [UInt8](repeating: 0x20, count: SafetensorsHeader.maximumLength - 2)
        #expect(SafetensorsHeader.maximumLength == 100_000_000)
        #expect(try parseHeader(safetensors(header, data: 0)).entries.isEmpty)
    }

    @Test("leading white space is refused, trailing white space is not")
    func whiteSpace() {
        #expect(headerFault(safetensors(" {}", data: 0)) == "x.safetensors: the header must start with '{'")
        #expect(headerFault(safetensors("\n{}", data: 0)) == "x.safetensors: the header must start with '{'")
        #expect(headerFault(safetensors("{}  ", data: 0)) == nil)
    }

    @Test("a header that is not UTF-8 or not JSON is refused with the place")
    func notJSON() {
        #expect(
            headerFault(safetensors(Array("{\"a".utf8) + [0xFF] + Array("\":1}".utf8), data: 0))
                == "x.safetensors: header:1:4: expected valid UTF-8, found the byte 0xFF"
        )
        #expect(
            headerFault(safetensors("{\"a\"}", data: 0))
                == "x.safetensors: header:1:5: expected ':' after the key \"a\", found '}'"
        )
        #expect(headerFault(safetensors("{}\0", data: 0))?.contains("expected the end of the text") == true)
        #expect(headerFault(safetensors("{} {}", data: 0))?.contains("expected the end of the text") == true)
        #expect(headerFault(safetensors("[]", data: 0)) == "x.safetensors: the header must start with '{'")
    }

    @Test("a duplicate key is refused, as a tensor, in a record and in the metadata")
    func duplicates() {
        let record = #"{"dtype":"U8","shape":[2],"data_offsets":[0,2]}"#
        #expect(
            headerFault(safetensors("{\"a\":\(record),\"a\":\(record)}", data: 2))
                == "x.safetensors: header:1:54: expected every key of an object once, found \"a\" again"
        )
        #expect(
            recordFault(#"{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}"#, data: 2)?
                .contains("found \"dtype\" again") == true
        )
        #expect(
            headerFault(safetensors(#"{"__metadata__":{"a":"1","a":"2"}}"#, data: 0))?.contains("found \"a\" again")
                == true
        )
        #expect(
            headerFault(safetensors(#"{"__metadata__":{},"__metadata__":{}}"#, data: 0))?
                .contains("found \"__metadata__\" again") == true
        )
    }

    @Test(
        "metadata are strings by name",
        arguments: [
            (#"{"a":1}"#, "__metadata__.a: expected a string, found 1"),
            (#"{"a":null}"#, "__metadata__.a: expected a string, found null"),
            (#"{"a":{}}"#, "__metadata__.a: expected a string, found an object"),
            ("[]", "__metadata__: expected an object, found an array"),
            ("null", "__metadata__: expected an object, found null"),
        ]
    )
    func metadata(_ text: String, _ fault: String) {
        #expect(headerFault(safetensors("{\"__metadata__\":\(text)}", data: 0)) == "x.safetensors: header: \(fault)")
    }

    @Test(
        "a malformed record is refused with the path to the fault",
        arguments: [
            ("1", "a: expected an object, found 1"),
            ("{}", "a.dtype: expected a string, found nothing"),
            (#"{"dtype":"U8","shape":[2]}"#, "a.data_offsets: expected an array, found nothing"),
            (#"{"dtype":"U8","data_offsets":[0,2]}"#, "a.shape: expected an array, found nothing"),
            (#"{"dtype":1,"shape":[2],"data_offsets":[0,2]}"#, "a.dtype: expected a string, found 1"),
            (
                #"{"dtype":"F31","shape":[2],"data_offsets":[0,2]}"#,
                "a.dtype: expected a type of safetensors, as in \"F32\", found \"F31\""
            ),
            (
                #"{"dtype":"f32","shape":[2],"data_offsets":[0,8]}"#,
                "a.dtype: expected a type of safetensors, as in \"F32\", found \"f32\""
            ),
            (#"{"dtype":"U8","shape":2,"data_offsets":[0,2]}"#, "a.shape: expected an array, found 2"),
            (
                #"{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}"#,
                "a.shape[0]: expected an integer of at least 0, found -2"
            ),
            (
                #"{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}"#,
                "a.shape[0]: expected an integer of at least 0, found 2.0"
            ),
            (
                #"{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,2]}"#,
                "a.shape[0]: expected an integer of at least 0, found 18446744073709551616"
            ),
            (#"{"dtype":"U8","shape":[2],"data_offsets":[0]}"#, "a.data_offsets: expected two offsets, found an array"),
            (
                #"{"dtype":"U8","shape":[2],"data_offsets":[0,2,2]}"#,
                "a.data_offsets: expected two offsets, found an array"
            ),
            (
                #"{"dtype":"U8","shape":[2],"data_offsets":[0,-2]}"#,
                "a.data_offsets[1]: expected an integer of at least 0, found -2"
            ),
            (
                #"{"dtype":"U8","shape":[2],"data_offsets":[0,2],"strides":[1]}"#,
                "a: expected dtype, shape and data_offsets only, found the key \"strides\""
            ),
        ]
    )
    func records(_ record: String, _ fault: String) {
        #expect(recordFault(record, data: 2) == "x.safetensors: header: \(fault)")
    }

    @Test("a shape that contradicts the offsets is refused")
    func wrongInfo() {
        #expect(
            recordFault(#"{"dtype":"F32","shape":[2,2],"data_offsets":[0,4]}"#, data: 4)
                == "x.safetensors: tensor \"a\": shape [2, 2] of F32 needs 16 bytes, but its offsets span 4"
        )
    }

    @Test("other kinds of file are recognised")
    func hints() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
        #expect(headerFault(Array(pointer.utf8))?.contains("git lfs pull") == true)
        #expect(headerFault([0x50, 0x4B, 3, 4, 0, 0, 8, 8, 0, 0])?.contains("PyTorch pickle") == true)
        #expect(headerFault(Array("GGUF".utf8) + [3, 0, 0, 0, 0])?.contains("GGUF file") == true)
    }
}
