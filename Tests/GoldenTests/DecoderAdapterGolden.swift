import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels

/// An adapter of a language model that `peft` wrote, and what `peft` computes with it.
struct DecoderAdapterGolden {
    let name: String
    let expected: JSONReader
    let base: FrozenModel<AnyLanguageModel>
    /// The adapter, read from the folder.
    let adapter: AdapterBundle

    var model: AnyLanguageModel { base.architecture }
    var folder: URL { Golden.folder.appending(path: "decoders/adapters/\(name)/adapter") }

    init(_ name: String) throws {
        self.name = name
        expected = try Golden.json("decoders/adapters/\(name)/expected.json")
        base = try GoldenDecoder.open(try expected["checkpoint"].string())
        adapter = try AdapterFolder(Golden.folder.appending(path: "decoders/adapters/\(name)/adapter")).adapter(
            for: base
        )
    }

    /// The tensors of a file of this adapter.
    func tensors(_ file: String) throws -> [String: Tensor] {
        try Golden.tensors("decoders/adapters/\(name)/\(file).safetensors")
    }

    /// The same by the parameters' paths: `peft` has an adapted module's own bias in the layer that it wraps.
    func byPath(_ file: String) throws -> [String: Tensor] {
        try tensors(file).reduce(into: [:]) { all, tensor in
            let key = tensor.key.hasPrefix("base_model.model.") ? String(tensor.key.dropFirst(17)) : tensor.key
            all[key.replacingOccurrences(of: ".base_layer.", with: ".")] = tensor.value
        }
    }

    /// A key projection's bias shifts all of a query's scores alike, which softmax does not see.
    static func isNoise(_ path: String) -> Bool { path.hasSuffix("k_proj.bias") }
}
