import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("Decoders agree with transformers")
struct DecoderGoldenTests {
    private static let withGradients = ["llama", "llama-tied", "mistral", "qwen2", "qwen3", "gpt2"]

    private func tensors(_ name: String, _ file: String) throws -> [String: Tensor] {
        try Golden.tensors("decoders/models/\(name)/\(file).safetensors")
    }

    @Test("logits of every token of uneven texts, and the loss", arguments: GoldenDecoder.languageModels)
    func logits(_ name: String) throws {
        let model = try GoldenDecoder.open(name, as: AnyLanguageModel.self).architecture
        let expected = try #require(try tensors(name, "logits")["logits"])
        let pass = LanguagePass(model, nil, try GoldenDecoder.texts("batch"))
        #expect(Agreement.tolerances(pass.logits, expected.rowsOfDoubles) < 1)
        let loss = try Golden.json("decoders/models/\(name)/expected.json")["loss"].double()
        #expect(abs(pass.loss - loss) < 1e-5 * loss)
    }

    @Test("logits of classifiers", arguments: GoldenDecoder.classifiers)
    func classes(_ name: String) throws {
        let model = try GoldenDecoder.open(name, as: AnyArchitecture.self).architecture
        let expected = try #require(try tensors(name, "logits")["logits"])
        #expect(model.labels == Array(["negative", "neutral", "positive"].prefix(expected.shape[1])))
        let pass = Pass(model, nil, try GoldenDecoder.examples("batch", classes: model.labels.count))
        #expect(Agreement.tolerances(pass.logits, expected.rowsOfDoubles) < 1)
    }

    @Test("gradients of every tensor of the base", arguments: withGradients)
    func gradients(_ name: String) throws {
        let model = try GoldenDecoder.open(name, as: AnyLanguageModel.self).architecture
        // The softmax does not see a shift of all scores: a key's bias has no gradient but rounding noise.
        let expected = try tensors(name, "gradients").filter { !$0.key.hasSuffix("k_proj.bias") }
        let stored = Set(model.sites.filter(\.isStoredTransposed).map { "\($0.module).weight" })
        let pass = LanguagePass(model, EveryParameter(model), try GoldenDecoder.texts("batch"))
        let gradients = pass.gradients.reduce(into: [:]) { all, gradient in
            all[gradient.key] = stored.contains(gradient.key) ? gradient.value.turned : gradient.value
        }
        let worst = Agreement.worst(gradients, expected)
        #expect(worst.error < 1e-4, "\(worst.name)")
        #expect(expected.count > 20)
    }

    @Test("gradients of every tensor of a classifier")
    func classifierGradients() throws {
        let model = try GoldenDecoder.open("llama-classifier", as: DecoderClassifier.self).architecture
        let expected = try tensors("llama-classifier", "gradients")
        let pass = Pass(model, EveryParameter(model), try GoldenDecoder.examples("batch", classes: 3))
        let worst = Agreement.worst(pass.gradients, expected)
        #expect(worst.error < 1e-4, "\(worst.name)")
        #expect(expected.count == model.parameters.count)
    }

    @Test("what a checkpoint has too much is ignored by name, and what it lacks is reported")
    func reports() throws {
        let old = try GoldenDecoder.open("llama-old", as: Llama.self).report
        #expect(old.ignoredKeys.contains("model.layers.1.self_attn.rotary_emb.inv_freq"))
        let language = try GoldenDecoder.open("llama", as: DecoderClassifier.self)
        #expect(language.report.ignoredKeys == ["lm_head.weight"])
        #expect(language.report.newlyInitialisedKeys == ["score.weight"])
        #expect(language.architecture.labels.isEmpty && language.architecture.freshModules == ["score"])
        #expect(try GoldenDecoder.open("gpt2-unprefixed", as: GPT2.self).report.newlyInitialisedKeys.isEmpty)
    }

    @Test("a checkpoint that is saved holds the tensors it was read from", arguments: GoldenDecoder.languageModels)
    func saving(_ name: String) throws {
        let base = try GoldenDecoder.open(name, as: AnyLanguageModel.self)
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "copy")
        try base.save(to: folder)
        let copy = try FrozenModel<AnyLanguageModel>.open(folder)
        #expect(copy.fingerprint == base.fingerprint)
        let texts = try GoldenDecoder.texts("batch")
        #expect(
            LanguagePass(copy.architecture, nil, texts).logits == LanguagePass(base.architecture, nil, texts).logits
        )
        guard ["llama", "gpt2"].contains(name) else { return }
        let stored = try ["model.safetensors"].map { file in
            let path = Golden.folder.appending(path: "decoders/models/\(name)/checkpoint/\(file)").path
            let (a, b) = (try SafetensorsFile(path: path), try SafetensorsFile(path: folder.appending(path: file).path))
            return try a.entries.map(\.name) == b.entries.map(\.name)
                && a.entries.allSatisfy { try a.tensor(named: $0.name).elements == b.tensor(named: $0.name).elements }
        }
        #expect(stored == [true])
    }
}

extension Tensor {
    /// The matrix with its rows as columns.
    fileprivate var turned: Tensor {
        let (rows, columns, values) = (shape[0], shape[1], elements)
        return Tensor([columns, rows], (0..<count).map { values[$0 % rows * columns + $0 / rows] })
    }
}
