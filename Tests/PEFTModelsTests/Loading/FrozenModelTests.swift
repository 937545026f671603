import Foundation
import PEFTAutograd
import PEFTFormats
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A checkpoint is opened, or refused in one sentence that names the place")
struct FrozenModelTests {
    @Test("by whatever architecture it holds")
    func anyArchitecture() throws {
        let url = Golden.folder.appending(path: "bert/models/relu/checkpoint")
        let (any, bert) = (try FrozenModel<AnyArchitecture>.open(url), try FrozenModel<BERT>.open(url))
        #expect(any.architecture.base is BERT)
        #expect(any.fingerprint == bert.fingerprint && any.report == bert.report && any.name == url.path)
        let (a, b) = (any.architecture, bert.architecture)
        #expect(a.sites.map(\.module) == b.sites.map(\.module) && a.parameterCount == b.parameterCount)
        #expect(a.labels == b.labels && a.configuredLabels == b.configuredLabels && a.headModules == b.headModules)
        #expect(a.maximumLength == 64 && a.vocabularySize == 120 && a.freshModules.isEmpty)
        #expect(a.head(labels: 2, seed: 0).map(\.value.elements) == b.head(labels: 2, seed: 0).map(\.value.elements))
    }

    @Test("a model of an unknown type, with those that are known")
    func unknownType() throws {
        let copy = try CheckpointCopy()
        try copy.set("model_type", "\"mamba\"")
        let all: [(known: String, open: () throws -> Void)] = [
            ("bert", { _ = try FrozenModel<BERT>.open(copy.url) }),
            (
                "bert, gpt2, llama, mistral, qwen2, qwen3",
                { _ = try FrozenModel<AnyArchitecture>.open(copy.url) }
            ),
            ("gpt2, llama, mistral, qwen2, qwen3", { _ = try FrozenModel<AnyLanguageModel>.open(copy.url) }),
        ]
        for (known, open) in all {
            let error = #expect(throws: ModelError.self) { try open() }
            #expect(
                error?.description.hasSuffix("config.json: model_type \"mamba\" is not supported; supported: \(known)")
                    == true
            )
        }
    }

    @Test(
        "an entry of config.json that is missing, ill-typed or not supported",
        arguments: [
            ("model_type", nil), ("hidden_size", nil), ("vocab_size", "0"), ("num_hidden_layers", "\"two\""),
            ("num_attention_heads", "3"), ("intermediate_size", "-1"), ("hidden_act", "\"snake\""),
            ("position_embedding_type", "\"relative_key\""), ("is_decoder", "true"), ("hidden_dropout_prob", "1.5"),
            ("attention_probs_dropout_prob", "-0.1"), ("classifier_dropout", "1"),
            ("id2label", "{\"0\": \"a\", \"2\": \"b\"}"),
            ("id2label", "{\"x\": \"a\"}"), ("id2label", "{\"0\": 5}"), ("layer_norm_eps", "\"small\""),
        ] as [(String, String?)]
    )
    func configuration(_ entry: String, _ value: String?) throws {
        let copy = try CheckpointCopy()
        try copy.set(entry, value)
        let error = #expect(throws: JSONError.self) { try FrozenModel<BERT>.open(copy.url) }
        #expect(error?.description.contains("config.json") == true && error?.description.contains(entry) == true)
    }

    @Test("entries that transformers has defaults for may be missing")
    func defaults() throws {
        let copy = try CheckpointCopy()
        let entries = [
            "hidden_act", "layer_norm_eps", "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout",
            "initializer_range", "type_vocab_size", "id2label",
        ]
        for entry in entries { try copy.set(entry, nil) }
        let configuration = try FrozenModel<BERT>.open(copy.url).architecture.configuration
        #expect(configuration.activation == .gelu && configuration.normEpsilon == 1e-12)
        #expect(configuration.hiddenDropout == 0.1 && configuration.attentionDropout == 0.1)
        #expect(configuration.classifierDropout == 0.1 && configuration.initializerRange == 0.02)
        #expect(configuration.segments == 2 && configuration.labels == ["LABEL_0", "LABEL_1"])
    }

    @Test("the classifier's own dropout, where there is one")
    func classifierDropout() throws {
        let copy = try CheckpointCopy()
        try copy.set("classifier_dropout", "0.25")
        let configuration = try FrozenModel<BERT>.open(copy.url).architecture.configuration
        #expect(configuration.classifierDropout == 0.25 && configuration.hiddenDropout == 0.1)
    }

    @Test("every tensor that does not fit, in one error")
    func tensors() throws {
        let copy = try CheckpointCopy()
        try copy.changeTensors { tensors in
            tensors["bert.encoder.layer.1.output.dense.bias"] = nil
            tensors["bert.encoder.layer.0.attention.self.query.weight"] = .ones([8, 16])
            tensors["bert.encoder.layer.2.output.dense.bias"] = .ones([16])
        }
        let error = #expect(throws: WeightError.self) { try FrozenModel<BERT>.open(copy.url) }
        let text = error?.description ?? ""
        #expect(text.contains("3 tensors do not fit the model"))
        #expect(text.contains("missing: bert.encoder.layer.1.output.dense.bias [16]"))
        #expect(text.contains("attention.self.query.weight: expected [16, 16], found [8, 16]"))
        #expect(text.contains("unexpected: bert.encoder.layer.2.output.dense.bias F32 [16]"))
    }

    @Test("a classifier of which only a part is there is not fresh")
    func halfClassifier() throws {
        let copy = try CheckpointCopy()
        try copy.changeTensors { $0["classifier.bias"] = nil }
        let error = #expect(throws: WeightError.self) { try FrozenModel<BERT>.open(copy.url) }
        #expect(error?.description.contains("missing: classifier.bias [2]") == true)
    }

    @Test("the fingerprint sees one changed weight, and not the head")
    func fingerprint() throws {
        let copy = try CheckpointCopy()
        let original = try FrozenModel<BERT>.open(copy.url).fingerprint
        try copy.changeTensors { $0["classifier.bias"] = .ones([2]) }
        #expect(try FrozenModel<BERT>.open(copy.url).fingerprint == original)
        try copy.changeTensors { tensors in
            guard var bias = tensors["bert.encoder.layer.1.output.dense.bias"] else { return }
            bias.withUnsafeMutableFloats { $0[3] += 1e-3 }
            tensors["bert.encoder.layer.1.output.dense.bias"] = bias
        }
        #expect(try FrozenModel<BERT>.open(copy.url).fingerprint != original)
    }

    @Test("a fresh pooler is the same in every load, so that its adapter fits again")
    func freshPooler() throws {
        func pooler() throws -> [Float]? {
            let model = try Golden.model("masked-lm").architecture
            return model.parameters.first { $0.path == "bert.pooler.dense.weight" }?.value.elements
        }
        let first = try #require(try pooler())
        #expect(try pooler() == first && Set(first).count > 200)
    }
}
