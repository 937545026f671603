import PEFTFormats
import PEFTTensor
import Testing

@Suite("Damaged safetensors files")
struct SafetensorsMutationTests {
    private let file = safetensors(
        #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
            + #""h":{"dtype":"F16","shape":[3],"data_offsets":[24,30]},"i":{"dtype":"I64","shape":[],"data_offsets":[30,38]}}"#
            + "     ",
        data: 38
    )

    @Test("every truncation is refused")
    func truncations() {
        #expect(headerFault(file) == nil)
        for length in file.indices { #expect(headerFault(Array(file[..<length])) != nil, "cut to \(length) bytes") }
    }

    @Test("every extension is refused")
    func extensions() {
        for count in 1...16 {
            #expect(headerFault(file + [UInt8](repeating: 0, count: count)) != nil)
            #expect(headerFault(file + [UInt8](repeating: 0x20, count: count)) != nil)
        }
    }

    @Test("whatever one byte becomes, the file is refused or its tensors still cover the data exactly")
    func changedBytes() throws {
        let original = try parseHeader(file)
        let dataStart = file.count - 38
        var (refused, accepted) = (0, 0)
        for position in file.indices {
            for byte in UInt8.min...UInt8.max where byte != file[position] {
                var changed = file
                changed[position] = byte
                guard let header = try? parseHeader(changed) else {
                    refused += 1
                    continue
                }
                accepted += 1
                var end = dataStart
                for entry in header.entries {
                    #expect(entry.byteRange.lowerBound == end)
                    #expect(entry.shape.count * entry.elementType.bits == 8 * entry.byteCount)
                    end = entry.byteRange.upperBound
                }
                #expect(end == file.count)
                // A header is as it was, or the change shows: nothing else moves.
                if position >= dataStart { #expect(header.entries == original.entries) }
            }
        }
        #expect(refused > (dataStart - 8) * 200)
        #expect(accepted >= 38 * 255)
    }

    @Test("a changed file on disk can be opened and read, or is refused")
    func changedFiles() throws {
        let folder = try TemporaryFolder()
        var read = 0
        for position in file.indices {
            for bit in [0, 5] {
                var changed = file
                changed[position] ^= 1 << bit
                let path = try folder.write("x.safetensors", changed)
                guard let opened = try? SafetensorsFile(path: path) else { continue }
                for entry in opened.entries {
                    let count =
                        entry.elementType.isFloatingPoint
                        ? try opened.tensor(named: entry.name).elements.count
                        : (try? opened.integers(named: entry.name).count) ?? entry.shape.count
                    #expect(count == entry.shape.count)
                    read += 1
                }
            }
        }
        #expect(read >= 38 * 2 * 3)
    }
}
