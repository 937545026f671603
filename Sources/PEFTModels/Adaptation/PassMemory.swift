import PEFTAutograd
import PEFTTensor

/// What a pass has put on its tape for good: parameters, and what is computed once from them.
///
/// It does not refer to the tape, so that a recorded operation may hold on to it.
final class PassMemory {
    /// Two adapters of one kind name their parameters alike, but no two parameters share memory.
    struct LeafIdentity: Hashable {
        let path: String
        let memory: UnsafePointer<Float>

        init(_ parameter: Parameter) {
            path = parameter.path
            memory = parameter.value.pointer
        }
    }

    /// Something that is computed from a parameter.
    struct ResultIdentity: Hashable {
        let purpose: String
        let parameter: LeafIdentity
    }

    var leaves: [LeafIdentity: Variable] = [:]
    var results: [ResultIdentity: Variable] = [:]
    private var routes: [Int: PassMemory] = [:]

    /// The memory of one of the adapter's routes.
    func route(_ index: Int) -> PassMemory {
        if let route = routes[index] { return route }
        let route = PassMemory()
        routes[index] = route
        return route
    }
}
