extension TextDataset {
    /// The positions of the examples for each adapter, in the order in which the adapters first occur; nil stands for none.
    public var positionsByAdapter: [(adapter: String?, positions: [Int])] {
        var groups: [(adapter: String?, positions: [Int])] = []
        var places: [String?: Int] = [:]
        for position in indices {
            let adapter = self[position].adapter
            let place = places[adapter, default: groups.count]
            places[adapter] = place
            if place == groups.count { groups.append((adapter, [])) }
            groups[place].positions.append(position)
        }
        return groups
    }

    /// The examples at some positions, which still know where they came from.
    public func selecting(_ positions: [Int]) -> TextDataset {
        let origin: Origin =
            switch origin {
            case .memory: .memory
            case .lines(let file, let lines): .lines(file: file, positions.map { lines[$0] })
            case .files(let files): .files(positions.map { files[$0] })
            }
        return TextDataset(positions.map { self[$0] }, origin: origin)
    }

    /// Makes sure that every example can be judged.
    ///
    /// - Parameters:
    ///   - known: the names of the adapters there are.
    ///   - baseHasHead: whether an example without an adapter can be judged.
    /// - Throws: ``DatasetError`` with the file and line of the first that cannot.
    public func requireAdapters(in known: [String], baseHasHead: Bool) throws(DatasetError) {
        for position in indices {
            let names = quotedList(known)
            if let name = self[position].adapter {
                guard known.contains(name) else {
                    throw error(at: position, "unknown adapter '\(name)'; the known adapters are \(names)")
                }
            } else if !baseHasHead {
                throw error(
                    at: position,
                    "there is no adapter, and the base has no classifier of its own; name one of \(names)"
                )
            }
        }
    }
}
