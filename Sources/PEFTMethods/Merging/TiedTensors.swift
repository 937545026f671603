import PEFTModels
import PEFTTensor

/// Tensors of a model that are one: they lie in the same memory, as an embedding and the output layer tied to it do.
struct TiedTensors {
    private let groups: [[String]]

    init(of model: some AdaptableModel) {
        var paths: [UnsafeRawPointer: [String]] = [:]
        model.forEachParameter { path, tensor in
            if tensor.count > 0 { paths[tensor.address, default: []].append(path) }
        }
        groups = paths.values.filter { $0.count > 1 }
    }

    /// - Throws: ``MergeError/tied(changed:other:)`` when a tensor of a group changes and another does not, or to other
    ///   values.
    func requireChangedTogether(_ changed: [String: Tensor]) throws {
        for group in groups {
            guard let first = group.first(where: { changed[$0] != nil }) else { continue }
            let values = changed[first]?.elements
            if let other = group.first(where: { changed[$0]?.elements != values }) {
                throw MergeError.tied(changed: first, other: other)
            }
        }
    }
}
