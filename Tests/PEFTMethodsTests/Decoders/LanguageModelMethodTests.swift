import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("Whatever the method, on language models")
struct LanguageModelMethodTests {
    static let quantized = ["llama-nf4", "gpt2-nf4", "gpt2-int8"]

    private func open(quantized name: String) throws -> AnyLanguageModel {
        let folder = Golden.folder.appending(path: "quantized/\(name)/checkpoint")
        return try FrozenModel<AnyLanguageModel>.open(folder).architecture
    }

    @Test(
        "logits and gradients on a quantised base are those of the weights that the codes stand for",
        arguments: quantized,
        DecoderMethodTests.cases + [MethodCase(name: "BitFit", method: BitFit())]
    )
    func quantised(_ name: String, _ this: MethodCase) throws {
        // A Llama has no biases to train.
        if name == "llama-nf4", this.method is BitFit { return }
        let model = try open(quantized: name)
        let adapter = try MethodCase.trained(this.method, on: model)
        #expect(model.parameters.contains { $0.value.isEncoded })
        let texts = try GoldenDecoder.texts("batch").filter { $0.count > 1 && $0.count <= 40 }
        #expect(texts.count > 2)
        let (pass, expected) = (LanguagePass(model, adapter, texts), LanguagePass(model.expanded, adapter, texts))
        #expect(Agreement.relative(pass.logits, expected.logits) < 1e-5)
        let worst = Agreement.worst(pass.gradients, expected.gradients)
        #expect(worst.error < 1e-5, "\(worst.name)")
        #expect(expected.gradients.count == adapter.parameters.count)
    }

    @Test("BitFit's gradients are those of the biases in full fine-tuning", arguments: ["qwen2", "gpt2"])
    func bitFit(_ name: String) throws {
        let model = try GoldenDecoder.open(name, as: AnyLanguageModel.self).architecture
        let texts = try GoldenDecoder.texts("batch").filter { $0.count > 1 }
        let adapter = try AdapterBundle(BitFit(), for: model)
        let found = LanguagePass(model, adapter, texts).gradients
        let all = LanguagePass(model, try AdapterBundle(FullFineTuning(), for: model), texts).gradients
        let expected = all.filter { $0.key.hasSuffix(".bias") }
        #expect(Set(found.keys) == Set(expected.keys) && !found.isEmpty)
        for (path, gradient) in found {
            // A key's bias has none but rounding noise.
            let scale = max(all.values.reduce(0) { $0 + Kernels.sumOfSquares($1) }.squareRoot() * 1e-2, 1e-12)
            let difference = zip(gradient.elements, expected[path]?.elements ?? []).map { abs($0 - $1) }.max()
            #expect(Double(try #require(difference)) < 1e-5 * scale, "\(path)")
        }
    }
}
