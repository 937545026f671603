import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("Encoded bases, whatever the method")
struct EncodedBaseTests {
    /// A base whose matrices are encoded, and the same with floats.
    private let encoded: FrozenModel<BERT>
    private let expanded: FrozenModel<BERT>
    private let examples = Sentences.uneven

    init() throws {
        let base = try Golden.model("classifier")
        var tensors: [String: Tensor] = [:]
        for parameter in base.architecture.parameters
        where parameter.value.shape.rank == 2 && !parameter.path.hasPrefix("classifier") {
            tensors[parameter.path] = try parameter.value.encoded(as: .bfloat16)
        }
        encoded = base.replacing(base.architecture.replacing(tensors))
        expanded = base.replacing(base.architecture.replacing(tensors.mapValues { $0.expanded() }))
    }

    @Test("adapters start, answer and learn as on the expanded base", arguments: MethodCase.all)
    func passes(_ this: MethodCase) throws {
        let passes = try [encoded, expanded].map { base in
            Pass(base.architecture, try this.trained(on: base.architecture), examples)
        }
        #expect(Agreement.relative(passes[0].logits, passes[1].logits) < 1e-6)
        #expect(passes[0].gradients.count == passes[1].gradients.count && !passes[0].gradients.isEmpty)
        #expect(Agreement.worst(passes[0].gradients, passes[1].gradients).error < 1e-5)
    }

    @Test("what is trained has floats", arguments: MethodCase.all)
    func parameters(_ this: MethodCase) throws {
        let adapter = try this.fresh(on: encoded.architecture)
        #expect(adapter.parameters.allSatisfy { !$0.value.isEncoded })
    }

    @Test("merging gives floats where it changes something, and the same answers", arguments: MethodCase.mergeable)
    func merging(_ this: MethodCase) throws {
        let adapter = try this.trained(on: encoded.architecture)
        let merged = try encoded.merging(adapter)
        let with = Pass(encoded.architecture, adapter, examples).logits
        #expect(Agreement.relative(Pass(merged.architecture, nil, examples).logits, with) < 1e-5)
        let other = try expanded.merging(this.trained(on: expanded.architecture))
        for (one, two) in zip(merged.architecture.parameters, other.architecture.parameters) {
            #expect(one.path == two.path && one.value.elements == two.value.elements, "\(one.path)")
        }
    }

    @Test("a checkpoint of it has floats and opens with the same answers")
    func saving() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "saved")
        try encoded.save(to: folder)
        let opened = try FrozenModel<BERT>.open(folder)
        #expect(opened.architecture.parameters.allSatisfy { !$0.value.isEncoded })
        let logits = Pass(encoded.architecture, nil, examples).logits
        #expect(Agreement.relative(Pass(opened.architecture, nil, examples).logits, logits) < 1e-6)
    }

    @Test("its fingerprint is that of its elements")
    func fingerprint() throws {
        #expect(encoded.fingerprint == expanded.fingerprint)
        #expect(try encoded.fingerprint != Golden.model("classifier").fingerprint)
    }

    @Test("two paths to the same blocks change together or not at all")
    func tied() throws {
        func path(_ block: Int) -> String { "bert.encoder.layer.\(block).attention.self.query.weight" }
        let shared = try #require(encoded.architecture.parameters.first { $0.path == path(0) }).value
        let tied = encoded.replacing(encoded.architecture.replacing([path(1): shared]))
        let one = try MethodCase(name: "", method: LoRA(targets: ["query"], layers: [0])).trained(on: tied.architecture)
        let error = #expect(throws: MergeError.self) { try tied.merging(one) }
        #expect(error?.description.contains("are one tensor") == true)
    }
}
