import Foundation
import PEFTFormats
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("A base is quantised")
struct QuantizingTests {
    private let base: FrozenModel<BERT>

    init() throws {
        let quantized = try FrozenModel<BERT>.open(Golden.folder.appending(path: "quantized/bert-nf4/checkpoint"))
        // Moved off the values that codes stand for, which quantising again would not change.
        let moved = quantized.architecture.expanded.parameters.map { parameter in
            let noise = CounterRandom(seed: 1, purpose: parameter.path)
                .normal(parameter.value.shape, standardDeviation: 0.01)
            let elements = zip(parameter.value.elements, noise.elements).map { $0 + $1 }
            return (parameter.path, Tensor(parameter.value.shape, elements))
        }
        base = quantized.replacing(quantized.architecture.replacing(Dictionary(uniqueKeysWithValues: moved)))
    }

    private func encodedPaths(_ model: BERT) -> Set<String> {
        Set(model.parameters.filter(\.value.isEncoded).map(\.path))
    }

    @Test("in the linear weights of its blocks, and nowhere else", arguments: [BlockType.nf4, .int8, .q80])
    func weights(_ type: BlockType) throws {
        let quantized = try base.quantized(to: type)
        let maps = [
            "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
            "intermediate.dense", "output.dense",
        ]
        let expected = (0..<2).flatMap { block in maps.map { "bert.encoder.layer.\(block).\($0).weight" } }
        #expect(encodedPaths(quantized.architecture) == Set(expected))
        #expect(quantized.blockTypes == [type] && base.blockTypes.isEmpty)
        let saved = expected.count * 64 * 64 + 2 * 2 * 64 * 64
        #expect(base.byteCount - quantized.byteCount == saved * 4 - type.bytes(for: saved))
        #expect(quantized.fingerprint != base.fingerprint)
    }

    @Test("it answers much as before", arguments: [(BlockType.nf4, 0.5), (.int8, 0.05)])
    func logits(_ type: BlockType, _ bound: Double) throws {
        let quantized = try base.quantized(to: type)
        let before = Pass(base.architecture, nil, Sentences.uneven).logits
        let after = Pass(quantized.architecture, nil, Sentences.uneven).logits
        let difference = Agreement.relative(after, before)
        #expect(difference > 1e-5 && difference < bound, "\(difference)")
    }

    @Test("saved and opened it is the same base", arguments: [BlockType.nf4, .int8])
    func saved(_ type: BlockType) throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "quantized")
        let quantized = try base.quantized(to: type)
        try quantized.save(to: folder)
        let opened = try FrozenModel<BERT>.open(folder)
        #expect(opened.fingerprint == quantized.fingerprint)
        #expect(encodedPaths(opened.architecture) == encodedPaths(quantized.architecture))
        for (a, b) in zip(opened.architecture.parameters, quantized.architecture.parameters) {
            #expect(a.value.elements == b.value.elements, "\(a.path)")
        }
        let path = folder.appending(path: "config.json").path
        let entry = try JSONReader(JSONValue(contentsOf: path), source: path)["quantization_config"]
        #expect(try entry["load_in_4bit"].bool() == (type == .nf4))
        #expect(try entry["llm_int8_skip_modules"].strings() == ["bert.pooler.dense", "classifier"])
    }

    @Test("quantising the largest magnitudes, too, changes it a little and makes it smaller")
    func nested() throws {
        let temporary = try TemporaryFolder()
        let quantized = try base.quantized(to: .nf4)
        let (plain, nested) = (temporary.url.appending(path: "plain"), temporary.url.appending(path: "nested"))
        try quantized.save(to: plain)
        try quantized.save(to: nested, nestsMaxima: true)
        let opened = try FrozenModel<BERT>.open(nested).architecture
        let expected = Pass(quantized.architecture, nil, Sentences.uneven).logits
        let difference = Agreement.relative(Pass(opened, nil, Sentences.uneven).logits, expected)
        #expect(difference > 1e-6 && difference < 0.02, "\(difference)")
        #expect(encodedPaths(opened) == encodedPaths(quantized.architecture))
    }

    @Test("types that bitsandbytes does not have are saved as floats")
    func floats() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "floats")
        let quantized = try base.quantized(to: .q80)
        try quantized.save(to: folder)
        let opened = try FrozenModel<BERT>.open(folder)
        #expect(opened.blockTypes.isEmpty && opened.fingerprint == quantized.fingerprint)
        let path = folder.appending(path: "config.json").path
        #expect(try JSONReader(JSONValue(contentsOf: path), source: path)["quantization_config"].ifPresent == nil)
    }

    @Test("not twice, and not where rows are not made of whole blocks")
    func refusals() throws {
        let once = try base.quantized(to: .nf4)
        let twice = #expect(throws: QuantizationError.self) { try once.quantized(to: .int8) }
        #expect(twice?.description.contains("is quantised already (bert.encoder.layer.0.") == true)
        let narrow = #expect(throws: QuantizationError.self) { try Golden.model("classifier").quantized(to: .nf4) }
        #expect(
            narrow?.description == "bert.encoder.layer.0.attention.self.query.weight cannot be quantised: the rows of "
                + "[32, 32] are not made of blocks of 64 elements, as NF4 needs"
        )
    }
}
