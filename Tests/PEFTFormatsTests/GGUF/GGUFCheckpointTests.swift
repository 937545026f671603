import PEFTFormats
import PEFTTensor
import TestSupport
import Testing

@Suite("GGUF files as checkpoints")
struct GGUFCheckpointTests {
    private static let architectures = ["llama", "qwen2", "qwen3"]

    @Test("tensors have Hugging Face's names, values and order of rows", arguments: architectures)
    func tensors(_ architecture: String) throws {
        let source = try WeightSource(gguf: GGUFFile(path: goldenGGUF("\(architecture).gguf")))
        let expected = try SafetensorsFile(path: goldenGGUF("\(architecture).safetensors"))
        #expect(Set(source.keys) == Set(expected.entries.map(\.name)))
        for entry in expected.entries {
            let tensor = source.tensor(entry.name, shape: entry.shape)
            #expect(tensor.elements == (try expected.tensor(named: entry.name).elements), "\(entry.name)")
            #expect(tensor.isEncoded == (entry.shape.rank == 2), "\(entry.name)")
        }
        let report = try source.finish()
        #expect(report.loadedCount == expected.entries.count)
        let stored = try GGUFFile(path: goldenGGUF("\(architecture).gguf")).entries.reduce(0) { $0 + $1.byteCount }
        #expect(report.loadedBytes == stored)
    }

    @Test("what nobody asks for, and what has another shape, is an error that names it and its type")
    func faults() throws {
        let source = try WeightSource(gguf: GGUFFile(path: goldenGGUF("llama.gguf")))
        let inner = source.scoped("model.layers.0.mlp")
        #expect(inner.tensor("up_proj.weight", shape: [3, 3]).elements.allSatisfy { $0 == 0 })
        let text = message {
            try source.finish(ignoring: ["model.layers.1.*", "model.layers.0.self_attn.*", "*norm*"])
        }
        #expect(text?.contains("unexpected: model.embed_tokens.weight Q8_0 [24, 32]") == true)
        #expect(
            text?.contains("wrong shape: model.layers.0.mlp.up_proj.weight: expected [3, 3], found [64, 32]") == true
        )
    }

    @Test("the configuration says what config.json would", arguments: architectures)
    func configuration(_ architecture: String) throws {
        let file = try GGUFFile(path: goldenGGUF("\(architecture).gguf"))
        let entries = try JSONReader(file.configuration(), source: "x").object()
        let expected: JSONObject = [
            "model_type": .string(architecture), "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 256,
            "vocab_size": 24, "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "rope_theta": 500000.0,
            "rms_norm_eps": JSONValue(Double(Float(1e-5))), "tie_word_embeddings": .bool(architecture != "qwen2"),
            "attention_bias": .bool(architecture == "qwen2"),
        ]
        for (key, value) in expected { #expect(entries[key] == value, "\(key)") }
        #expect(entries["rope_scaling"] == nil && entries["pad_token_id"] == nil)
    }
}

/// What a file that is sound as GGUF may still say of a model.
@Suite("GGUF files that are no checkpoints")
struct GGUFConfigurationTests {
    /// A small Llama's metadata with some entries changed, removed where the value is nil.
    private func fault(
        _ changes: [String: (UInt32, [UInt8])?] = [:],
        tensors: (inout GGUFDraft) -> Void = { _ in }
    ) throws -> String? {
        let file = try open(changes, tensors: tensors)
        return message { try file.configuration() }
    }

    private func open(
        _ changes: [String: (UInt32, [UInt8])?] = [:],
        tensors: (inout GGUFDraft) -> Void = { _ in }
    ) throws -> GGUFFile {
        var entries: [String: (UInt32, [UInt8])] = [
            "general.architecture": (8, little(string: Array("llama".utf8))),
            "llama.context_length": (4, little(UInt32(131072))), "llama.block_count": (4, little(UInt32(1))),
            "llama.embedding_length": (4, little(UInt32(8))), "llama.feed_forward_length": (4, little(UInt32(8))),
            "llama.attention.head_count": (4, little(UInt32(1))),
            "llama.attention.layer_norm_rms_epsilon": (6, little(Float(1e-6).bitPattern)),
            "llama.rope.freq_base": (6, little(Float(500000).bitPattern)),
        ]
        for (key, value) in changes { entries[key] = value }
        var draft = GGUFDraft()
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) { draft.add(key, value.0, value.1) }
        draft.add("token_embd.weight", [8, 5])
        draft.data = [UInt8](repeating: 0, count: 160)
        tensors(&draft)
        let folder = try TemporaryFolder()
        return try GGUFFile(path: folder.write("x.gguf", draft.bytes))
    }

    private func text(_ value: String) -> (UInt32, [UInt8]) { (8, little(string: Array(value.utf8))) }
    private func number(_ value: Float) -> (UInt32, [UInt8]) { (6, little(value.bitPattern)) }
    private func integer(_ value: UInt32) -> (UInt32, [UInt8]) { (4, little(value)) }

    @Test("what is missing, makes no sense or is not supported is named")
    func faults() throws {
        #expect(try fault() == nil)
        #expect(
            try fault(["general.architecture": nil])?.contains("key \"general.architecture\": it is missing") == true
        )
        #expect(
            try fault(["general.architecture": text("gemma3")])?
                .contains("the architecture \"gemma3\" is not supported; supported: llama, qwen2, qwen3") == true
        )
        #expect(try fault(["llama.block_count": nil])?.contains("key \"llama.block_count\": it is missing") == true)
        #expect(try fault(["llama.block_count": integer(0)])?.contains("expected a positive integer, found 0") == true)
        #expect(try fault(["llama.block_count": text("3")])?.contains("expected an integer, found string") == true)
        #expect(
            try fault(["llama.attention.layer_norm_rms_epsilon": number(.nan)])?.contains("expected a positive number")
                == true
        )
        #expect(try fault(["split.count": (2, little(UInt16(3)))])?.contains("split into 3 files; join them") == true)
        #expect(
            try fault(["llama.expert_count": integer(8)])?.contains("mixtures of experts are not supported") == true
        )
        #expect(try fault(["llama.rope.dimension_count": integer(4), "llama.attention.key_length": integer(8)]) != nil)
        #expect(
            try fault(["llama.rope.scaling.type": text("longrope")])?.contains("supported: none, linear, yarn") == true
        )
        let counts = little(UInt32(4)) + little(UInt64(2)) + little(UInt32(1)) + little(UInt32(2))
        #expect(
            try fault(["llama.attention.head_count_kv": (9, counts)])?.contains("different numbers of heads") == true
        )
        #expect(try fault { $0.tensors = [] }?.contains("tensor \"token_embd.weight\"") == true)
    }

    @Test("scaled rotations become rope_scaling")
    func scaling() throws {
        func scaling(_ file: GGUFFile) throws -> JSONValue? {
            try JSONReader(file.configuration(), source: "x").object()["rope_scaling"]
        }
        let linear: JSONValue = ["rope_type": "linear", "factor": 4.0]
        #expect(
            try scaling(open(["llama.rope.scaling.type": text("linear"), "llama.rope.scaling.factor": number(4)]))
                == linear
        )
        #expect(try scaling(open(["llama.rope.scale_linear": number(4)])) == linear)
        #expect(try scaling(open(["llama.rope.scaling.type": text("none")])) == nil)
        let yarn = try scaling(
            open([
                "llama.rope.scaling.type": text("yarn"), "llama.rope.scaling.factor": number(8),
                "llama.rope.scaling.original_context_length": integer(4096),
            ])
        )
        #expect(yarn == ["rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 4096])
    }

    @Test("Llama 3.1's factors become its rope_scaling; others are refused")
    func frequencyFactors() throws {
        // Wavelengths 6.28, 167, 4443 and 118143 of heads of 8: up to 2048 unchanged, from 8192 on divided.
        let smooth = (8192 / (2 * Double.pi * 500000.0.squareRoot()) - 1) / 3
        let factors: [Float] = [1, 1, Float(1 / ((1 - smooth) / 32 + smooth)), 32]
        func open(_ factors: [Float]) throws -> GGUFFile {
            try self.open { draft in
                draft.add("rope_freqs.weight", [UInt64(factors.count)], at: 160)
                draft.data += factors.flatMap { little($0.bitPattern) }
            }
        }
        let entries = try JSONReader(open(factors).configuration(), source: "x").object()
        let expected: JSONValue = [
            "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        ]
        #expect(entries["rope_scaling"] == expected)
        for wrong in [[1, 1, 1, 32], [1, 1, 32], [1, 2, factors[2], 32]] as [[Float]] {
            let file = try open(wrong)
            #expect(message { try file.configuration() }?.contains("tensor \"rope_freqs.weight\"") == true)
        }
        #expect(try WeightSource(gguf: open(factors)).keys == ["model.embed_tokens.weight"])
    }

    @Test("queries whose rows are no whole heads are refused")
    func heads() throws {
        let file = try open(["llama.attention.head_count": integer(3)]) { draft in
            draft.add("blk.0.attn_q.weight", [8, 8], at: 160)
            draft.data += [UInt8](repeating: 0, count: 256)
        }
        #expect(
            message { try WeightSource(gguf: file) }?.contains("its 8 rows are not 3 heads of an even number") == true
        )
    }

    @Test("two tensors that would have one name are refused")
    func names() throws {
        let file = try open { draft in
            draft.add("model.embed_tokens.weight", [1], at: 160)
            draft.data += [0, 0, 0, 0]
        }
        #expect(message { try WeightSource(gguf: file) }?.contains("another tensor has the name") == true)
    }
}

@Suite("A real GGUF file", .enabled(if: FetchedFiles.canTest(realModel), "run 'make fetch' first"))
struct RealGGUFTests {
    @Test("SmolLM2 in Q4_1 has the rows that Python reads, in Hugging Face's order")
    func rows() throws {
        let file = try GGUFFile(path: FetchedFiles.url(realModel).path)
        let source = try WeightSource(gguf: file)
        let expected = JSONReader(try JSONValue(contentsOf: goldenGGUF("smollm2.json")), source: "smollm2.json")
        let members = try expected.members()
        #expect(members.count == 4 && source.keys.count == 272)
        for (name, record) in members {
            let tensor = source.tensor(name, shape: Shape(try record["shape"].ints()))
            #expect(tensor.isEncoded)
            for (row, bits) in try record["rows"].members() {
                let row = try #require(Int(row))
                let elements = tensor.rows(row..<(row + 1)).elements
                #expect(elements.map { Int($0.bitPattern) } == (try bits.ints()), "\(name), row \(row)")
            }
        }
        let configuration = try JSONReader(file.configuration(), source: "x").object()
        #expect(configuration["model_type"] == "llama" && configuration["num_key_value_heads"] == 3)
        #expect(configuration["tie_word_embeddings"] == true && configuration["head_dim"] == 64)
    }
}

private let realModel = "smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
