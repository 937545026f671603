import PEFTAutograd
import PEFTModels
import PEFTTensor
import TestModels
import Testing

#if compiler(>=6.2)
/// A look-up reads memory unchecked, so whatever is out of range must end the program before it.
@Suite("A batch that no table has rows for is stopped")
struct BatchPreconditionTests {
    static func classify(_ sequences: [[Int32]], typeIDs: [[Int32]]? = nil, adapter: TestAdapter? = nil) throws {
        let model = try Golden.model("classifier").architecture
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: false), adapter: adapter)
        _ = model.classify(TokenBatch(sequences, typeIDs: typeIDs), context)
    }

    @Test("the first and last token, segment and position are within their tables")
    func bounds() throws {
        try Self.classify([[0, 119], Array(repeating: 1, count: 64)])
        try Self.classify([[5, 6]], typeIDs: [[0, 1]])
    }

    @Test("an empty sequence")
    func emptySequence() async {
        await #expect(processExitsWith: .failure) { try Self.classify([[5], [], [6]]) }
    }

    @Test("a token or a segment without an embedding")
    func tokens() async {
        await #expect(processExitsWith: .failure) { try Self.classify([[120]]) }
        await #expect(processExitsWith: .failure) { try Self.classify([[5, -1]]) }
        await #expect(processExitsWith: .failure) { try Self.classify([[5]], typeIDs: [[2]]) }
    }

    @Test("a sequence longer than the model reads, virtual tokens included")
    func positions() async {
        await #expect(processExitsWith: .failure) { try Self.classify([Array(repeating: 1, count: 65)]) }
        await #expect(processExitsWith: .failure) {
            let model = try Golden.model("classifier").architecture
            let prompt = Slot.virtualTokens.adapter(on: model)
            try Self.classify([Array(repeating: 1, count: 63)], adapter: prompt)
        }
    }
}
#endif
