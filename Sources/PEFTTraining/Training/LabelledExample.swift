public import PEFTFormats
public import PEFTModels

/// A tokenized text, with or without something to be learnt of it.
public protocol TokenizedExample: Sendable {
    /// The token ids.
    var ids: [Int32] { get }
    /// The segment of each token.
    var typeIDs: [Int32] { get }
}

/// A tokenized text and what is to be learnt of it.
public struct LabelledExample<Label: Sendable & Equatable>: TokenizedExample, Equatable {
    /// The token ids.
    public let ids: [Int32]
    /// The segment of each token; empty for all 0.
    public let typeIDs: [Int32]
    /// What the text should be given.
    public let label: Label

    /// A tokenized text that should be given `label`.
    public init(ids: [Int32], typeIDs: [Int32] = [], label: Label) {
        self.ids = ids
        self.typeIDs = typeIDs.isEmpty ? Array(repeating: 0, count: ids.count) : typeIDs
        self.label = label
    }
}

/// A tokenized text and its class.
public typealias ClassificationExample = LabelledExample<Int>

/// A tokenized text and its number.
public typealias RegressionExample = LabelledExample<Double>

extension TokenizedExample {
    /// Adds the tokens and their segments to a digest.
    public func addTokens(to digest: inout ContentDigest) {
        digest.add(ids)
        digest.add(typeIDs)
    }

    /// Why a model cannot read this example, as the rest of a sentence that begins with it; nil when it can.
    public func fault(for model: some AdaptableModel) -> String? {
        if ids.isEmpty { return "has no tokens" }
        let tokens = 0..<Int32(clamping: model.vocabularySize)
        if let id = ids.first(where: { !tokens.contains($0) }) {
            return "has the token \(id), the model embeddings for 0 to \(tokens.upperBound - 1) only"
        }
        return nil
    }
}

extension ClassificationExample {
    /// Why a model cannot give this example one of so many classes; nil when it can.
    func fault(for model: some AdaptableModel, classes: Int) -> String? {
        if let fault = fault(for: model) { return fault }
        guard (0..<classes).contains(label) else {
            return "has the class \(label), the head scores for \(classes) classes only"
        }
        return nil
    }
}

extension RegressionExample {
    /// Why a model with so many outputs cannot give this example its number; nil when it can.
    func fault(for model: some AdaptableModel, outputs: Int) -> String? {
        if let fault = fault(for: model) { return fault }
        guard outputs == 1 else { return "has a number as its label, but the head has \(outputs) outputs, not one" }
        guard Float(label).isFinite else { return "has the label \(label), which is no number that fits 32 bits" }
        return nil
    }
}

extension TrainingTask where Example: TokenizedExample {
    /// The number of tokens.
    public func tokenCount(of example: Example) -> Int { example.ids.count }

    /// 1.
    public func weight(of example: Example) -> Double { 1 }
}
