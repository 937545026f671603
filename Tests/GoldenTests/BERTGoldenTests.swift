import PEFTAutograd
import PEFTFormats
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("BERT agrees with transformers")
struct BERTGoldenTests {
    static let withClassifier = ["classifier", "gelu-new", "relu", "one-label", "five-labels", "sharded"]
    static let withoutClassifier = ["unprefixed", "pretraining", "masked-lm"]

    @Test("logits of uneven sequences, within the tolerance", arguments: withClassifier)
    func logits(_ name: String) throws {
        let model = try Golden.model(name).architecture
        let expected = try Golden.json("bert/models/\(name)/expected.json")["logits"].matrix()
        let pass = Pass(model, nil, try Golden.examples("batch", classes: model.labels.count))
        #expect(Agreement.tolerances(pass.logits, expected) < 1)
    }

    @Test("hidden states of the last block, all rows computed", arguments: withClassifier + withoutClassifier)
    func hiddenStates(_ name: String) throws {
        let model = try Golden.model(name).architecture
        let examples = try Golden.examples("batch", classes: 2)
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: false), adapter: nil)
        let batch = TokenBatch(examples.map(\.ids), typeIDs: examples.map(\.typeIDs))
        let states = model.hiddenStates(batch, context).value
        let expected = try #require(
            Golden.tensors("bert/models/\(name)/activations.safetensors")["hidden.\(model.configuration.blocks)"]
        )
        #expect(Agreement.worst(["x": states], ["x": expected]).error < 1e-5)
    }

    @Test("gradients of every tensor of the base", arguments: withClassifier.filter { $0 != "one-label" })
    func gradients(_ name: String) throws {
        let model = try Golden.model(name).architecture
        var expected = try Golden.tensors("bert/models/\(name)/gradients.safetensors")
        expected["word_embeddings_output"] = nil
        // The softmax does not see a shift of all scores: a key's bias has no gradient but rounding noise.
        expected = expected.filter { !$0.key.hasSuffix("attention.self.key.bias") }
        let pass = Pass(model, EveryParameter(model), try Golden.examples("batch", classes: model.labels.count))
        let worst = Agreement.worst(pass.gradients, expected)
        #expect(worst.error < 1e-4, "\(worst.name)")
        #expect(expected.count > 20)
    }

    @Test("what a checkpoint lacks is reported, and what it has too much is ignored by name")
    func reports() throws {
        let pretraining = try Golden.model("pretraining")
        #expect(pretraining.report.ignoredKeys.contains("cls.seq_relationship.weight"))
        #expect(pretraining.report.newlyInitialisedKeys == ["classifier.bias", "classifier.weight"])
        let masked = try Golden.model("masked-lm")
        #expect(masked.architecture.freshModules == ["bert.pooler.dense", "classifier"])
        #expect(try Golden.model("unprefixed").report.ignoredKeys == ["embeddings.position_ids"])
    }

    @Test("the same weights have the same fingerprint, whatever the checkpoint calls them")
    func fingerprints() throws {
        let names = Self.withClassifier + Self.withoutClassifier
        let prints = try names.map { try Golden.model($0).fingerprint }
        #expect(Set(prints).count == prints.count)
        #expect(prints.allSatisfy { $0.count == 16 })
        #expect(try Golden.model("relu").fingerprint == Golden.model("relu").fingerprint)
    }
}
