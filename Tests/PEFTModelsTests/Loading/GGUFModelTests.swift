import Foundation
import PEFTAutograd
import PEFTFormats
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("Bases from GGUF files")
struct GGUFModelTests {
    private let file = Golden.folder.appending(path: "gguf/llama.gguf")

    @Test("an architecture loads from the file's own configuration, and its matrices stay encoded")
    func opened() throws {
        let base = try FrozenModel<Table>.open(file)
        #expect(base.architecture.table.isEncoded && base.architecture.vocabularySize == 24)
        #expect(base.name == file.relativePath && base.report.loadedCount == 1)
        #expect(base.report.ignoredKeys.contains("model.layers.1.self_attn.q_proj.weight"))
        #expect(base.fingerprint == FrozenModel(base.architecture.expanded, name: "floats").fingerprint)
    }

    @Test("the saved checkpoint has floats under Hugging Face's names, and opens")
    func saved() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "saved")
        let base = try FrozenModel<Table>.open(file)
        try base.save(to: folder)
        let opened = try FrozenModel<Table>.open(folder)
        #expect(!opened.architecture.table.isEncoded)
        #expect(opened.architecture.table.elements == base.architecture.table.elements)
        #expect(opened.fingerprint == base.fingerprint)
    }

    @Test("a file of another architecture, a damaged one and a folder without config.json are refused")
    func refused() throws {
        func message(_ body: () throws -> Any) -> String? {
            do {
                _ = try body()
                return nil
            } catch {
                return "\(error)"
            }
        }
        let other = message { try FrozenModel<BERT>.open(file) }
        #expect(other?.hasSuffix("llama.gguf: model_type \"llama\" is not supported; supported: bert") == true)
        let temporary = try TemporaryFolder()
        let cut = try temporary.write(Data(contentsOf: file).prefix(2000), to: "cut.gguf")
        #expect(message { try FrozenModel<Table>.open(cut) }?.contains("cut off or damaged") == true)
        let folder = message { try FrozenModel<Table>.open(temporary.url) }
        #expect(folder?.hasSuffix("it has no config.json; give the path of cut.gguf itself") == true)
    }
}

/// A model that is nothing but its word embeddings.
private struct Table: LoadableArchitecture {
    static let modelTypes = ["llama"]

    let table: Tensor
    let ignoredKeys = ["model.layers.*", "model.norm.weight"]
    let sites: [SiteDescription] = []
    let headModules: [String] = []
    let freshModules: [String] = []
    let maximumLength = 8
    let attentionHeads = 1
    var vocabularySize: Int { table.shape[0] }

    init(configuration: JSONReader, weights: WeightSource) throws {
        let (count, width) = (
            try configuration["vocab_size"].positiveInt(), try configuration["hidden_size"].positiveInt()
        )
        table = weights.tensor("model.embed_tokens.weight", shape: [count, width])
    }

    private init(table: Tensor) {
        self.table = table
    }

    var expanded: Table { Table(table: table.expanded()) }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try body("model.embed_tokens.weight", table)
    }

    func replacing(_ tensors: [String: Tensor]) -> Table {
        Table(table: tensors["model.embed_tokens.weight"] ?? table)
    }

    func configuration(updating original: JSONObject) -> JSONObject { original }
}
