public import PEFTModels

/// Full fine-tuning, for comparison: every tensor of the base is trained, W ← W − η ∇W.
///
/// It has as many trainable parameters as the base, and its result is no small file: merge it into the base and save
/// that as a checkpoint.
///
/// ```swift
/// let run = try await trainer.train(try AdapterBundle(FullFineTuning(), for: base.architecture, labels: labels), on: examples)
/// try base.merging(run.adapter).save(to: URL(filePath: "fine-tuned"))
/// ```
public struct FullFineTuning: AdapterMethod {
    /// `full`.
    public static let name = "full"

    /// The recipe has no settings.
    public init() {}

    /// Every tensor of the base but those that every adapter trains as whole modules, the head above all.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> FullWeights {
        let whole = model.headModules + model.freshModules
        let trained = model.parameters.filter { parameter in !whole.contains { parameter.path.isWithin($0) } }
        return FullWeights(trained.map(\.expanded))
    }
}

/// Trained tensors in place of the base's.
public struct FullWeights: AdapterWeights {
    /// The trained tensors by the base's own paths, in the order of the base.
    public private(set) var tensors: [Parameter]
    private let indices: [String: Int]

    init(_ tensors: [Parameter]) {
        self.tensors = tensors
        indices = Dictionary(tensors.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Visits every tensor.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in tensors.indices { try visit(&tensors[index]) }
    }

    /// The trained tensor.
    public func parameter(_ path: String) -> Parameter? { indices[path].map { tensors[$0] } }
}
