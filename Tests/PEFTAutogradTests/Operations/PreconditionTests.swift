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

    @Test("a position that a rotary table does not have, or heads that don't fill the columns")
    func foreignRotaryTable() async {
        await #expect(processExitsWith: .failure) {
            let table = RotaryTable(inverseFrequencies: [1], attentionFactor: 1, positions: 2)
            _ = Tape(pool: BufferPool(), isRecording: false)
                .rotary(Variable(.zeros([1, 2])), positions: [2], table: table)
        }
        await #expect(processExitsWith: .failure) {
            let table = RotaryTable(inverseFrequencies: [1], attentionFactor: 1, positions: 2)
            _ = Tape(pool: BufferPool(), isRecording: false)
                .rotary(Variable(.zeros([1, 3])), positions: [0], table: table)
        }
    }

    @Test("columns that are no groups of a norm's scale")
    func unevenGroups() async {
        await #expect(processExitsWith: .failure) {
            _ = Tape(pool: BufferPool(), isRecording: false)
                .rmsNorm(Variable(.zeros([2, 5])), scale: Variable(.ones([2])), epsilon: 1e-6)
        }
    }

    @Test("a target that counts and that the vocabulary does not have")
    func missingTarget() async {
        await #expect(processExitsWith: .failure) {
            _ = Tape(pool: BufferPool(), isRecording: false)
                .crossEntropy(Variable(.zeros([1, 3])), targets: [3], weights: [1])
        }
        await #expect(processExitsWith: .failure) {
            let weight = Variable(.zeros([3, 2]))
            _ = Tape(pool: BufferPool(), isRecording: false)
                .chunkedCrossEntropy(Variable(.zeros([1, 2])), weight: weight, targets: [-1], weights: [1])
        }
    }
}
#endif
