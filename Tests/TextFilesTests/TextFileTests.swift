import Foundation
import Testing
import TextFiles

@Suite("Text files")
struct TextFileTests {
    @Test("a byte-order mark is left out")
    func byteOrderMark() throws {
        #expect(try TextFile(path: "a.txt", bytes: [0xEF, 0xBB, 0xBF, 0x68, 0x69]).bytes == Array("hi".utf8))
    }

    @Test("lines end in LF or CR LF, and the last may end in nothing")
    func lines() throws {
        let file = try TextFile(path: "a.txt", bytes: Array("one\r\n\ntwo\rthree\nfour".utf8))
        let lines = file.lines.map { "\($0.number) " + String(decoding: file.bytes[$0.range], as: UTF8.self) }
        #expect(lines == ["1 one", "2 ", "3 two\rthree", "4 four"])
        #expect(try Array(TextFile(path: "a.txt", bytes: Array("one\n".utf8)).lines).count == 1)
        #expect(try Array(TextFile(path: "a.txt", bytes: []).lines).isEmpty)
    }

    @Test("a missing file is named", arguments: ["/nonexistent/a.txt", ""])
    func missing(path: String) {
        #expect(throws: TextFileError(path: path, problem: "there is no such file")) {
            try TextFile(contentsOf: path)
        }
    }

    @Test("a folder is not a file")
    func folder() {
        #expect(throws: TextFileError(path: "/tmp", problem: "this is a folder, where a file is needed")) {
            try TextFile(contentsOf: "/tmp")
        }
    }

    @Test("invalid UTF-8 is located by line, byte and offset")
    func invalid() {
        let error = #expect(throws: TextFileError.self) {
            try TextFile(path: "latin1.csv", bytes: Array("text\ncaf".utf8) + [0xE9] + Array(" noir\n".utf8))
        }
        #expect(
            error?.description
                == "latin1.csv:2: not valid UTF-8 (byte 0xE9 at offset 8); convert the file to UTF-8"
        )
    }

    @Test(
        "every ill-formed sequence is found where it starts, at any alignment",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x9F, 0xBF], [0xE2, 0x82],
            [0xED, 0xA0, 0x80],
            [0xE2, 0x28, 0xA1], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xFF],
        ] as [[UInt8]]
    )
    func illFormed(sequence: [UInt8]) {
        for leading in 0..<20 {
            let error = #expect(throws: TextFileError.self) {
                try TextFile(path: "a", bytes: [UInt8](repeating: 0x61, count: leading) + sequence)
            }
            #expect(error?.description.contains("at offset \(leading))") == true)
        }
    }

    @Test("well-formed text of every sequence length is accepted")
    func wellFormed() throws {
        let text = "a\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF} plain ascii at the end"
        for leading in 0..<9 {
            let bytes = Array((String(repeating: " ", count: leading) + text).utf8)
            #expect(try TextFile(path: "a", bytes: bytes).bytes == bytes)
        }
    }
}
