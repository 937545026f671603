import PEFTFormats
import PEFTMeasurements
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

#if compiler(>=6.2)
// The counters are the process's, so that nothing else may run in it.
@Suite("What is measured of the products")
struct ProductTests {
    private static let shape = EncoderShape(
        name: "tiny",
        width: 8,
        feedForwardWidth: 12,
        heads: 2,
        sequences: 3,
        length: 5
    )

    @Test("a run computes as many products and operations as it says")
    func counted() async {
        await #expect(processExitsWith: .success) {
            for product in Self.shape.products(rank: 2) {
                let run = product.workload.prepared()
                let before = ProductWork.sinceStart
                run()
                let work = ProductWork.sinceStart - before
                #expect(work.calls == product.count && work.flops == product.flops, "\(product.name)")
                #expect(product.workload.flops == product.flops, "\(product.name)")
            }
            let block = Self.shape.loraBlock(rank: 2)
            let run = block.prepared(on: WorkerPool(threads: 2))
            let before = ProductWork.sinceStart
            run()
            #expect((ProductWork.sinceStart - before).flops == 2 * block.flops)
        }
    }

    @Test("a block more adds to a LoRA step exactly the products that are measured as a block's")
    func block() async {
        await #expect(processExitsWith: .success) {
            func work(blocks: Int) throws -> ProductWork {
                let model = try Self.model(blocks: blocks)
                let method = LoRA(rank: 2, targets: ["query", "value"])
                let adapter = try AdapterBundle(method, for: model, labels: ["a", "b"])
                let examples = Sentences.of(lengths: Array(repeating: 5, count: 3)).map {
                    ClassificationExample(ids: $0.ids, label: $0.label % 2)
                }
                let before = ProductWork.sinceStart
                _ = Pass(model, adapter, examples)
                return ProductWork.sinceStart - before
            }
            let added = try work(blocks: 4) - work(blocks: 3)
            let products = Self.shape.products(rank: 2)
            #expect(added.flops == products.reduce(0) { $0 + $1.timesInLoRAStep * $1.flops })
            #expect(added.flops == Self.shape.loraBlock(rank: 2).flops)
        }
    }

    @Test("MiniLM's shard is 8 of 16 sequences, BERT-base's 4 of 8")
    func shapes() throws {
        let small = try #require(EncoderShape.miniLM.products().first)
        #expect(small.flops == 2 * 1024 * 384 * 384)
        let large = try #require(EncoderShape.bertBase.products().first)
        #expect(large.flops == 2 * 512 * 768 * 768)
        let short = try #require(EncoderShape.miniLM.withLength(20).attentionProducts.first)
        #expect(short.count == 8 * 12 && short.flops == 8 * 12 * 2 * 20 * 20 * 32)
    }

    @Test("a pool that serves what came back has no further miss")
    func pools() async {
        await #expect(processExitsWith: .success) {
            let workers = WorkerPool(threads: 1)
            func use() throws -> PoolUse {
                let before = PoolUse(of: workers)
                _ = try workers.mapBlocking([0]) { _, worker in Tensor(uninitialized: [1000], pool: worker.pool).count }
                return PoolUse(of: workers) - before
            }
            let (first, second) = (try use(), try use())
            #expect(first.misses == 1 && first.hits == 0 && first.bytes >= 4000)
            #expect(second.misses == 0 && second.hits == 1 && second.bytes == 0)
        }
    }

    /// A BERT of the tiny shape.
    private static func model(blocks: Int) throws -> BERT {
        let sizes = [
            "hidden_size": 8, "intermediate_size": 12, "num_attention_heads": 2, "num_hidden_layers": blocks,
            "vocab_size": 120, "max_position_embeddings": 16,
        ]
        var tensors: [String: Tensor] = [:]
        func add(_ name: String, _ shape: Shape) {
            tensors[name] = CounterRandom(seed: 0, purpose: name).normal(shape, standardDeviation: 0.1)
        }
        func linear(_ name: String, _ outputs: Int, _ inputs: Int) {
            add("\(name).weight", [outputs, inputs])
            add("\(name).bias", [outputs])
        }
        add("embeddings.word_embeddings.weight", [120, 8])
        add("embeddings.position_embeddings.weight", [16, 8])
        add("embeddings.token_type_embeddings.weight", [2, 8])
        let sublayers = (0..<blocks).flatMap { ["encoder.layer.\($0).attention.output", "encoder.layer.\($0).output"] }
        let norms = ["embeddings"] + sublayers
        for norm in norms {
            add("\(norm).LayerNorm.weight", [8])
            add("\(norm).LayerNorm.bias", [8])
        }
        for block in 0..<blocks {
            for part in ["self.query", "self.key", "self.value", "output.dense"] {
                linear("encoder.layer.\(block).attention.\(part)", 8, 8)
            }
            linear("encoder.layer.\(block).intermediate.dense", 12, 8)
            linear("encoder.layer.\(block).output.dense", 8, 12)
        }
        linear("pooler.dense", 8, 8)
        let configuration = JSONObject(sizes.map { ($0.key, JSONValue($0.value)) })
        return try BERT(
            configuration: JSONReader(.object(configuration), source: "config.json"),
            weights: WeightSource(tensors, name: "tiny")
        )
    }
}
#endif
