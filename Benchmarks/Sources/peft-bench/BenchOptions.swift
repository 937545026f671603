import ArgumentParser
import Foundation
import PEFTKit

/// The base and who computes.
struct BenchOptions: ParsableArguments {
    @Option(help: "The checkpoint folder of the base model; a language model's may be a GGUF file.") var model: String
    @Option(help: "Worker threads; by default one per processor.") var threads: Int?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, not \(threads)") }
    }

    var workers: WorkerPool { threads.map { WorkerPool(threads: $0) } ?? .shared }

    func open() throws -> FrozenModel<AnyArchitecture> {
        try FrozenModel<AnyArchitecture>.open(URL(filePath: model, directoryHint: .isDirectory))
    }

    func openLanguageModel() throws -> FrozenModel<AnyLanguageModel> {
        try FrozenModel<AnyLanguageModel>.open(URL(filePath: model))
    }

    /// The adapter of a folder that `peft`, AdapterHub's `adapters` or PEFTKit wrote.
    static func adapter(_ folder: String, for base: FrozenModel<some AdaptableModel>) throws -> AdapterBundle {
        try AdapterFolder(URL(filePath: folder, directoryHint: .isDirectory)).adapter(for: base)
    }
}

/// Methods that start from the base's own parameters, so that no folder has to say where.
enum OwnParameters: String, ExpressibleByArgument, CaseIterable {
    case bitfit
    case full

    /// - Throws: what making the adapter throws.
    func adapter(for base: FrozenModel<AnyArchitecture>) throws -> AdapterBundle {
        let (model, labels) = (base.architecture, ["negative", "positive"])
        return switch self {
        case .bitfit: try AdapterBundle(BitFit(), for: model, labels: labels)
        case .full: try AdapterBundle(FullFineTuning(), for: model, labels: labels)
        }
    }
}
