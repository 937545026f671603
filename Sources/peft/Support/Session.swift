import Foundation
import PEFTKit

/// A base with its tokenizer and an adapter, opened as the options say.
struct Session {
    let classifier: TextClassifier<AnyArchitecture>

    /// - Parameter texts: labelled texts, whose labels name the classes of an adapter that does not know their names.
    init(_ model: ModelOptions, adapter path: String?, maximumLength: Int?, texts: TextDataset? = nil) throws {
        let folder = try path.map { try AdapterFolder(URL(filePath: $0, directoryHint: .isDirectory)) }
        let base = try model.open()
        folder?.warnings(for: base).forEach(Output.warn)
        let adapter = try folder.map { folder in
            let given = folder.labels == nil ? try texts?.labels().names : nil
            return try folder.adapter(for: base, labels: given)
        }
        classifier = try TextClassifier(
            base,
            tokenizer: try model.tokenizer(),
            adapter: adapter,
            maximumLength: maximumLength,
            workers: model.workers()
        )
    }
}
