public import Foundation
import PEFTFormats
import PEFTTensor

extension FrozenModel where Architecture: LoadableArchitecture {
    /// Writes a plain Hugging Face checkpoint: `config.json`, `model.safetensors`, and the tokenizer files of the
    /// checkpoint this base was opened from. `transformers` loads it without any adapter.
    ///
    /// Weights in NF4 or int8 are written as bitsandbytes has them, and `transformers` needs that package to load them; those
    /// in other types are written as floats. The folder appears whole or not at all. One that holds anything is never
    /// replaced: it could be somebody's model.
    ///
    /// - Parameter nestsMaxima: whether the largest magnitudes of NF4's blocks are quantised, too ("double quantisation"): for
    ///   a weight 4.13 bits instead of 4.5, and a base that is a little different when it is opened again.
    /// - Throws: `FileError` when the folder cannot be written or is not empty,
    ///   ``ModelError/noOrigin(_:)`` for a model that was not opened from a checkpoint.
    public func save(to folder: URL, nestsMaxima: Bool = false) throws {
        try save(to: folder, nestsMaxima: nestsMaxima, keeping: { _ in false })
    }

    /// As ``save(to:nestsMaxima:)``, into a folder that may hold something else.
    ///
    /// - Parameter isKept: whether a file or folder in it stays.
    package func save(to folder: URL, nestsMaxima: Bool = false, keeping isKept: (String) -> Bool) throws {
        guard let origin else { throw ModelError.noOrigin(name) }
        let quantization = StoredQuantization(of: architecture, nestsMaxima: nestsMaxima)
        var tensors = SafetensorsWriter()
        let transposed = Set(architecture.sites.filter(\.isStoredTransposed).map { "\($0.module).weight" })
            .subtracting(quantization.paths)
        architecture.forEachParameter { path, tensor in
            // A classifier that the checkpoint lacks is empty until an adapter brings one.
            guard tensor.count > 0 else { return }
            quantization.add(path, transposed.contains(path) ? tensor.expanded().transposed() : tensor, to: &tensors)
        }
        let tokenizerFiles = try CheckpointNames.tokenizer.compactMap { name -> (String, [UInt8])? in
            let path = origin.folder.appending(path: name).path
            guard FileManager.default.fileExists(atPath: path) else { return nil }
            return (name, try MappedFile(path: path).withUnsafeBytes { Array($0) })
        }
        var configuration = architecture.configuration(updating: origin.configuration)
        configuration[BitsAndBytesConfiguration.key] = quantization.configuration
        try AtomicFolder.write(to: folder.path, isReplaceable: { _ in false }, keeping: isKept) { files in
            try files.write(CheckpointNames.configuration, JSONValue.object(configuration).bytes(.pretty))
            try files.write(CheckpointNames.weights) { try tensors.write(into: &$0) }
            for (name, bytes) in tokenizerFiles { try files.write(name, bytes) }
        }
    }

    /// Makes sure, before a long run, that a checkpoint can be saved at `url`.
    ///
    /// - Throws: `FileError` when it is a file, holds anything, or cannot be written.
    public static func checkDestination(_ url: URL) throws {
        try checkDestination(url, keeping: { _ in false })
    }

    /// As ``checkDestination(_:)``, for a folder that may hold something else.
    package static func checkDestination(_ url: URL, keeping isKept: (String) -> Bool) throws {
        try AtomicFolder.checkDestination(url.path, isReplaceable: isKept)
    }
}

/// The files of a checkpoint that is written here.
enum CheckpointNames {
    static let configuration = "config.json"
    static let weights = "model.safetensors"
    static let tokenizer = [
        "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    ]
}
