import Foundation
import PEFTKit

/// A model that is there: where the options say, or brought from the hub.
struct LocatedModel {
    /// As the user called it, without a revision: what errors and adapters call it.
    let name: String
    /// The revision, if the name had one and the model is from the hub.
    private let revision: String?
    /// A checkpoint folder or a GGUF file.
    let folder: URL
    private let options: ModelOptions

    init(_ options: ModelOptions) async throws {
        self.options = options
        if let snapshot = try await HubPath(options.model, option: "--model").fetched(.model) {
            folder = snapshot.model
            name = HubPath.name(options.model)
            revision = HubPath.revision(options.model)
        } else {
            folder = URL(modelPath: options.model)
            name = folder.relativePath
            revision = nil
        }
    }

    func workers() -> WorkerPool { options.threads.map { WorkerPool(threads: $0) } ?? .shared }

    func open() throws -> FrozenModel<AnyArchitecture> { try open(FrozenModel<AnyArchitecture>.self) }

    /// The base as a language model.
    func openLanguageModel() throws -> FrozenModel<AnyLanguageModel> { try open(FrozenModel<AnyLanguageModel>.self) }

    func tokenizer() throws -> any Tokenizer { try Tokenizers.open(folder) }

    private func open<Architecture: LoadableArchitecture>(
        _: FrozenModel<Architecture>.Type
    ) throws -> FrozenModel<Architecture> {
        try FrozenModel.open(
            folder,
            name: name,
            revision: revision,
            packing: options.packedWeights ? .automatic : .never
        )
    }
}
