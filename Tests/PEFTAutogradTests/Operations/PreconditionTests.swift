#if compiler(>=6.2)
import PEFTAutograd
import PEFTTensor
import Testing

/// What would read or write memory of others stops the program instead.
@Suite("A programmer's errors in operations")
struct PreconditionTests {
    @Test("a row that a table does not have")
    func missingRow() async {
        await #expect(processExitsWith: .failure) {
            _ = Tape(pool: BufferPool(), isRecording: false).rows([0, 3], of: Variable(.zeros([3, 2])))
        }
        await #expect(processExitsWith: .failure) {
            _ = Tape(pool: BufferPool(), isRecording: false).rows([-1], of: Variable(.zeros([3, 2])))
        }
    }

    @Test("look-ups of different lengths in one sum")
    func unevenLookups() async {
        await #expect(processExitsWith: .failure) {
            let table = Variable(.zeros([3, 2]))
            _ = Tape(pool: BufferPool(), isRecording: false)
                .sumOfRows([(indices: [0], table: table), (indices: [1, 2], table: table)])
        }
    }

    @Test("attention over other rows than the layout's")
    func foreignLayout() async {
        await #expect(processExitsWith: .failure) {
            let x = Variable(.zeros([5, 4]))
            let layout = AttentionLayout(queryOffsets: [0, 6], keyOffsets: [0, 6], heads: 2)
            _ = Tape(pool: BufferPool(), isRecording: false)
                .attention(query: x, key: x, value: x, layout: layout, scale: 1)
        }
    }
}
#endif
