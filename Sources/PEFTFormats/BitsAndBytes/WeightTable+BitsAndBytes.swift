import PEFTTensor

/// Finding the weights that bitsandbytes quantised among a checkpoint's tensors.
///
/// An NF4 weight X is stored as X, with two codes in a byte; `X.absmax`, and for doubly quantised magnitudes
/// `X.nested_absmax` and `X.nested_quant_map`; `X.quant_map`; and `X.quant_state.bitsandbytes__nf4`, a JSON text with its
/// extents. An int8 weight `Y.weight` has `Y.SCB`, and perhaps `Y.weight_format`, beside it.
extension WeightTable {
    /// This table with one entry for each quantised weight in place of the tensors it is made of.
    ///
    /// - Throws: ``CheckpointError`` with everything that is wrong with them.
    func assemblingBitsAndBytes() throws -> WeightTable {
        let hasAny = keys.contains { $0.contains(Names.nf4State) || $0.hasSuffix(Names.rowMaxima) }
        return hasAny ? try BitsAndBytesAssembly(self).table() : self
    }

    fileprivate func part(_ key: String) -> StoredPart? {
        guard let position = position(of: key), case .file(let file, let entry) = origins[position] else { return nil }
        return StoredPart(file: file, entry: entry)
    }
}

private enum Names {
    static let nf4State = ".quant_state.bitsandbytes__"
    static let rowMaxima = ".SCB"
    static let format = ".weight_format"
    static let nf4Parts = [".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map"]
}

private struct BitsAndBytesAssembly {
    private let source: WeightTable
    private var weights: [String: WeightTable.Origin] = [:]
    /// Keys that are parts of weights, beside the weights' own.
    private var used: Set<String> = []
    private var reasons: [String] = []

    init(_ source: WeightTable) {
        self.source = source
        for key in source.keys {
            if let range = key.firstRange(of: Names.nf4State) {
                addNF4(String(key[..<range.lowerBound]), state: key)
            } else if key.hasSuffix(Names.rowMaxima) {
                addInt8(String(key.dropLast(Names.rowMaxima.count)), maxima: key)
            }
        }
    }

    func table() throws(CheckpointError) -> WeightTable {
        guard reasons.isEmpty else { throw CheckpointError(path: source.path, reasons: reasons) }
        var table = WeightTable(path: source.path)
        for (key, origin) in zip(source.keys, source.origins) where !used.contains(key) {
            table.add(key, weights[key] ?? origin)
        }
        return table
    }

    private mutating func addNF4(_ key: String, state stateKey: String) {
        let partKeys = [stateKey] + Names.nf4Parts.map { key + $0 }
        used.formUnion(partKeys)
        do {
            let text = try require(stateKey).bytes
            let json = try JSONReader(JSONValue(parsing: text, source: stateKey), source: stateKey)
            let state = try NF4State(json)
            let count = state.shape.count
            let blocks = (count + BlockType.nf4.blockLength - 1) / BlockType.nf4.blockLength
            let codes = try require(key, .uint8, count: (count + 1) / 2)
            let map = try require(key + ".quant_map", nil, count: NormalFloat.values.count)
            guard map.floats == NormalFloat.values else {
                throw Fault("\(map.entry.name) does not hold the values of NF4")
            }
            let maxima: BitsAndBytesWeight.Maxima
            if let nested = state.nested {
                maxima = .nested(
                    codes: try require(key + ".absmax", .uint8, count: blocks),
                    scales: try require(
                        key + ".nested_absmax",
                        nil,
                        count: (blocks + nested.blockLength - 1) / nested.blockLength
                    ),
                    values: try require(key + ".nested_quant_map", nil, count: 256),
                    nested
                )
            } else {
                maxima = .plain(try require(key + ".absmax", nil, count: blocks))
            }
            let weight = BitsAndBytesWeight.nf4(shape: state.shape, codes: codes, maxima: maxima)
            weights[key] = .quantized(weight, from: ([key] + partKeys).compactMap(source.part))
        } catch {
            reasons.append("\(error)")
        }
    }

    private mutating func addInt8(_ module: String, maxima: String) {
        let (key, partKeys) = (module + ".weight", [maxima, module + Names.format])
        used.formUnion(partKeys)
        do {
            let weight = try require(key)
            guard weight.entry.shape.rank == 2 else {
                throw Fault("\(weight.entry.name): expected a matrix, found \(weight.entry.shape)")
            }
            if let format = source.part(module + Names.format), format.bytes != [0] {
                throw Fault(
                    "\(format.entry.name): expected 0, rows one after the other; save it with a newer bitsandbytes"
                )
            }
            let quantized = BitsAndBytesWeight.int8(
                weight: try require(key, .int8, count: weight.entry.shape.count),
                maxima: try require(maxima, nil, count: weight.entry.shape[0])
            )
            weights[key] = .quantized(quantized, from: ([key] + partKeys).compactMap(source.part))
        } catch {
            reasons.append("\(error)")
        }
    }

    private func require(_ key: String) throws(Fault) -> StoredPart {
        guard let part = source.part(key) else { throw Fault("\(key) is missing, a part of a quantised weight") }
        return part
    }

    private func require(_ key: String, _ type: ElementType?, count: Int) throws(Fault) -> StoredPart {
        let part = try require(key)
        if let reason = part.fault(type, count: count) { throw Fault(reason) }
        return part
    }

    private struct Fault: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
