import Foundation
import PEFTTraining
import TestSupport
import Testing

@Suite("Splitting texts into those to learn from and those to measure on")
struct SplitTests {
    private let texts = TextDataset(
        (0..<72).map { LabeledText(text: "t\($0)", label: $0 % 3 == 0 ? "return" : "keep") }
    )

    @Test(
        "every text is in one part, in the order of the file, with the labels' shares kept",
        arguments: [0, 1, 7] as [UInt64]
    )
    func parts(seed: UInt64) throws {
        let (training, heldOut) = try texts.split(heldOut: 0.25, seed: seed)
        #expect(training.count == 54 && heldOut.count == 18)
        let all = training.map(\.text) + heldOut.map(\.text)
        #expect(Set(all) == Set(texts.map(\.text)) && all.count == 72)
        for part in [training, heldOut] {
            let numbers = part.compactMap { Int($0.text.dropFirst()) }
            #expect(numbers == numbers.sorted())
        }
        #expect(heldOut.count { $0.label == "return" } == 6)
    }

    @Test("texts whose labels take turns are not split by their turn")
    func turns() throws {
        let turns = TextDataset((0..<40).map { LabeledText(text: "t\($0)", label: $0.isMultiple(of: 2) ? "a" : "b") })
        let heldOut = try turns.split(heldOut: 0.25).heldOut
        #expect(heldOut.count { $0.label == "a" } == 5 && heldOut.count == 10)
    }

    @Test("the same seed gives the same split, another one another")
    func seeds() throws {
        let first = try texts.split(heldOut: 0.25).heldOut.map(\.text)
        #expect(try texts.split(heldOut: 0.25, seed: 0).heldOut.map(\.text) == first)
        #expect(try texts.split(heldOut: 0.25, seed: 1).heldOut.map(\.text) != first)
    }

    @Test("numbers and missing labels are split as well")
    func otherLabels() throws {
        let numbers = TextDataset((0..<8).map { LabeledText(text: "\($0)", label: "\(Double($0) / 2)") })
        #expect(try numbers.split(heldOut: 0.5).heldOut.count == 4)
        let bare = TextDataset((0..<8).map { LabeledText(text: "\($0)") })
        #expect(try bare.split(heldOut: 0.125).training.count == 7)
    }

    @Test("each text still knows its line")
    func locations() throws {
        let folder = try TemporaryFolder()
        let rows = (0..<8).map { "t\($0),\($0 % 2)\n" }.joined()
        let file = try folder.write("text,label\n\(rows)".utf8, to: "a.csv")
        let (training, heldOut) = try TextDataset(contentsOf: file).split(heldOut: 0.25)
        for part in [training, heldOut] {
            for index in part.indices {
                let row = try #require(Int(part[index].text.dropFirst()))
                #expect(part.location(of: index) == SourceLocation(file: file.path, line: row + 2))
            }
        }
    }

    @Test("a part without texts is refused", arguments: [0, 1, -0.5, 1.5, 0.01, .nan])
    func empty(share: Double) {
        #expect(throws: DatasetError.self) { try texts.split(heldOut: share) }
    }
}
