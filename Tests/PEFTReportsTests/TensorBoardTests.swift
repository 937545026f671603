import Foundation
import PEFTFormats
import PEFTReports
import TestSupport
import Testing

@Suite("TensorBoard event files")
struct TensorBoardTests {
    private let time = 1_700_000_000.25

    // As TensorBoard 2.21 writes these events itself.
    private let version =
        "2300000000000000b09f77430900001040fc54d9411a0d627261696e2e4576656e743a3252090a07504546544b69749b810e66"
    private let start = "0f000000000000006d532b090900001040fc54d941107e3a02080144d64303"
    private let loss =
        "2100000000000000017becf60900001040fc54d94110ac022a130a110a0a747261696e2f6c6f7373157368313fdffeb856"
    private let zero = "1800000000000000a37f4b220900001040fc54d9412a0d0a0b0a047a65726f1500000000a4f5e67c"
    private let text =
        "34000000000000005e33175c0900001040fc54d94110012a270a250a0873657474696e6773420f0807120042097c2061207c2062207c"
        + "4a080a060a0474657874e24671e3"

    private func hexadecimal(_ url: URL) throws -> String {
        try Data(contentsOf: url).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test("checksums are Castagnoli's, masked as TFRecord files have them")
    func checksums() {
        #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.masked([]) == 0xA282_EAD8 && CRC32C.masked("123456789".utf8) == 0xC78A_B0E5)
    }

    @Test("every event has the bytes that TensorBoard writes, and is in the file at once")
    func goldenEvents() throws {
        let folder = try TemporaryFolder()
        let writer = try TensorBoardWriter(folder: folder.url.appending(path: "runs/a"), resumingAfter: 125, now: time)
        #expect(try hexadecimal(writer.url) == version + start)
        try writer.write(["train/loss": 0.693], step: 300, time: time)
        #expect(try hexadecimal(writer.url) == version + start + loss)
        try writer.write(["zero": 0], step: 0, time: time)
        #expect(try hexadecimal(writer.url) == version + start + loss + zero)
        try writer.write("| a | b |", tag: "settings", step: 1, time: time)
        #expect(try hexadecimal(writer.url) == version + start + loss + zero + text)
    }

    @Test("a later file comes later in the order of names, whatever the clock says")
    func order() throws {
        let folder = try TemporaryFolder()
        let first = try TensorBoardWriter(folder: folder.url, resumingAfter: 0, now: time)
        let second = try TensorBoardWriter(folder: folder.url, resumingAfter: 10, now: time)
        let third = try TensorBoardWriter(folder: folder.url, resumingAfter: 20, now: time - 100)
        let names = [first, second, third].map(\.url.lastPathComponent)
        #expect(names == names.sorted() && Set(names).count == 3)
        #expect(names[0].hasPrefix("events.out.tfevents.1700000000."))
    }

    @Test("settings become a table that no setting breaks")
    func settings() throws {
        let folder = try TemporaryFolder()
        let writer = try TensorBoardWriter(folder: folder.url)
        try writer.write(["rank": 8, "pattern": "a|b\nc", "bias": false], tag: "settings")
        let text = String(decoding: try Data(contentsOf: writer.url), as: UTF8.self)
        #expect(text.contains("|---|---|\n| rank | 8 |\n| pattern | a\\|b c |\n| bias | no |"))
    }

    @Test("a folder that can't be made is an error")
    func refusal() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("x".utf8, to: "file")
        #expect(throws: (any Error).self) { try TensorBoardWriter(folder: file.appending(path: "runs")) }
    }
}
