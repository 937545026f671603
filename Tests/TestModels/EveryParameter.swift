package import PEFTModels

/// Every tensor of the base, or every wanted one, trained in place: full fine-tuning, which exercises every backward pass.
package struct EveryParameter: AdapterWeights {
    package private(set) var all: [Parameter]
    private let indices: [String: Int]

    package init(_ model: some AdaptableModel, where isWanted: (String) -> Bool = { _ in true }) {
        all = model.parameters.filter { isWanted($0.path) }
        indices = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.path, $0) })
    }

    package mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in all.indices { try visit(&all[index]) }
    }

    package func parameter(_ path: String) -> Parameter? { indices[path].map { all[$0] } }
}
