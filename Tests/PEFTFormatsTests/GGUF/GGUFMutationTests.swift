import PEFTFormats
import PEFTTensor
import Testing

@Suite("Damaged GGUF files")
struct GGUFMutationTests {
    private let file = GGUFDraft.sound.bytes

    @Test("every truncation is refused")
    func truncations() {
        #expect(ggufFault(file) == nil)
        for length in file.indices { #expect(ggufFault(Array(file[..<length])) != nil, "cut to \(length) bytes") }
    }

    @Test("whatever one byte becomes, the file is refused or all that is read lies in it")
    func changedBytes() throws {
        var (refused, accepted) = (0, 0)
        for position in 0..<(file.count - 129) {
            for byte in UInt8.min...UInt8.max where byte != file[position] {
                var changed = file
                changed[position] = byte
                guard let header = try? parseGGUF(changed) else {
                    refused += 1
                    continue
                }
                accepted += 1
                let places = header.entries.map(\.byteRange).filter { !$0.isEmpty }
                #expect(places.allSatisfy { $0.upperBound <= file.count })
                let inOrder = places.sorted { $0.lowerBound < $1.lowerBound }
                #expect(zip(inOrder, inOrder.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
            }
        }
        #expect(refused > 10000 && accepted > 1000)
    }

    @Test("a changed file on disk can be opened and read, or is refused")
    func changedFiles() throws {
        let folder = try TemporaryFolder()
        var read = 0
        for position in file.indices {
            for bit in [0, 5] {
                var changed = file
                changed[position] ^= 1 << bit
                let path = try folder.write("x.gguf", changed)
                guard let opened = try? GGUFFile(path: path) else { continue }
                for entry in opened.entries {
                    guard let tensor = try? opened.tensor(named: entry.name) else { continue }
                    #expect(tensor.elements.count == entry.shape.count)
                    read += 1
                }
                for key in opened.keys {
                    _ = try? opened.string(key)
                    _ = try? opened.strings(key)
                    _ = try? opened.integer(key)
                    _ = try? opened.doubles(key)
                }
                _ = try? opened.configuration()
            }
        }
        #expect(read > 129 * 2 * 2)
    }
}
