import CKernels
import PEFTAutograd
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Which bases keep packed copies of their weights")
struct WeightPackingTests {
    /// The matrices of the model that keep a copy from their next product on.
    private func packed(_ base: FrozenModel<BERT>) -> Set<String> {
        Set(base.architecture.parameters.filter { $0.value.packed(transposed: true) != nil }.map(\.path))
    }

    private func base(_ packing: WeightPacking) throws -> FrozenModel<BERT> {
        FrozenModel(try RandomBERT.model(width: 16, heads: 2, blocks: 2), name: "random", packing: packing)
    }

    @Test("all matrices of one that is small enough; tables, norms and biases never")
    func matrices() throws {
        let base = try base(.automatic)
        let names = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]
        let expected = base.architecture.sites.map(\.module)
            .filter { module in
                names.contains { module.hasSuffix($0) } || ["bert.pooler.dense", "classifier"].contains(module)
            }
            .map { "\($0).weight" }
        #expect(expected.count == 14)
        #expect(packed(base) == (peft_matrix_packed_size(16, 16) > 0 ? Set(expected) : []))
    }

    @Test("none of one that is larger than the limit by a byte")
    func limit() throws {
        // Two blocks of 12 d², a pooler of d² and a head of 2 d numbers.
        let bytes = 4 * (25 * 16 * 16 + 2 * 16)
        #expect(packed(try base(.upTo(bytes: bytes - 1))).isEmpty)
        #expect(packed(try base(.upTo(bytes: bytes))).isEmpty == (peft_matrix_packed_size(16, 16) == 0))
    }

    @Test("none where it is not wanted")
    func never() throws {
        #expect(packed(try base(.never)).isEmpty)
    }

    @Test("answers are the same to the bit")
    func sameAnswers() throws {
        let model = try RandomBERT.model(width: 16, heads: 2, blocks: 2)
        let examples = Sentences.of(lengths: [5, 17, 1])
        func logits() -> [Float] {
            let batch = TokenBatch(examples.map { $0.ids.map { $0 % 100 } })
            return model.classify(batch, ForwardContext()).value.elements
        }
        let plain = logits()
        let packed = FrozenModel(model, name: "random")
        #expect(packed.packing == .automatic && logits() == plain)
    }
}
