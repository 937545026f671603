import PEFTAutograd
import PEFTModels
import PEFTTensor
import Synchronization

/// What linear maps are given in one forward pass of the bare base.
final class InputRecorder: Sendable {
    /// An input and the sites that were given it, in the order of the pass.
    struct Entry: Sendable {
        let input: Tensor
        var sites: [Site]
    }

    private let list = Mutex<[Entry]>([])

    /// The inputs in the order of the pass, each once.
    var entries: [Entry] { list.withLock { $0 } }

    /// Keeping the input keeps its memory from being used for another, so that its address says whether it is the same.
    fileprivate func note(_ input: Tensor, at site: Site) {
        list.withLock { list in
            if let index = list.firstIndex(where: { $0.input.pointer == input.pointer }) {
                list[index].sites.append(site)
            } else {
                list.append(Entry(input: input, sites: [site]))
            }
        }
    }
}

/// An adapter that changes nothing at some linear maps and takes note of their inputs.
struct RecordingAdapter: AdapterWeights {
    /// Whose whole modules are used: the head, and what the base does not hold.
    let modules: AdapterBundle
    /// Which linear maps are looked at.
    let sites: Set<Site>
    /// Where inputs are noted.
    let recorder: InputRecorder

    /// Nothing is trained.
    mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {}

    func parameter(_ path: String) -> Parameter? { modules.parameter(path) }

    func linear(at site: Site) -> LinearSlots? {
        guard sites.contains(site) else { return nil }
        return LinearSlots(product: .exclusive(RecordedProduct(site: site, recorder: recorder)))
    }
}

/// W x, with a note of x.
private struct RecordedProduct: LinearProduct {
    let site: Site
    let recorder: InputRecorder

    func product(_ x: Variable, weight: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        recorder.note(x.value, at: site)
        return context.tape.linear(x, weight: weight)
    }
}
