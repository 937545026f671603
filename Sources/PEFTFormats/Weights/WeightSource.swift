public import PEFTTensor

/// The tensors of a checkpoint, from which layers are built by name.
///
/// Requests never fail one by one: a tensor that is missing, mis-shaped or mis-typed is recorded, a stand-in of zeros
/// takes its place, and ``finish(ignoring:)`` throws one error with everything that is wrong. The model is used only
/// after that.
///
/// ```swift
/// let source = try WeightSource(path: folder.path)
/// let bert = source.scoped(ifPresent: "bert")
/// let weight = bert.scoped("embeddings.LayerNorm").tensor("weight", or: "gamma", shape: [hidden])
/// let report = try source.finish(ignoring: ["*"])  // a model names what may go unused, as in ["cls.*"]
/// ```
///
/// A source and its scopes share what they record, and belong to one thread.
public struct WeightSource {
    private let ledger: WeightLedger
    /// What this scope puts before every name, as in `bert.encoder.layer.0.`.
    public let prefix: String

    private init(_ ledger: WeightLedger, prefix: String) {
        self.ledger = ledger
        self.prefix = prefix
    }

    init(_ table: WeightTable) {
        self.init(WeightLedger(table), prefix: "")
    }

    /// Opens a checkpoint: a folder with `model.safetensors` or `model.safetensors.index.json` and its shards, or a
    /// single file.
    ///
    /// Weights that bitsandbytes quantised, in NF4 or int8, are one encoded tensor each.
    ///
    /// - Parameter stem: what the file in a folder is called instead of `model`.
    /// - Throws: ``FileError``, ``SafetensorsError`` or ``JSONError`` for a file that cannot be read,
    ///   ``CheckpointError-struct`` for a folder without safetensors, shards that contradict their index, and quantised weights
    ///   that lack something.
    public init(path: String, stem: String = "model") throws {
        self.init(try CheckpointFiles.open(path, stem: stem).assemblingBitsAndBytes())
    }

    /// Tensors in memory.
    ///
    /// - Parameter name: what errors call them.
    public init(_ tensors: [String: Tensor], name: String) {
        var table = WeightTable(path: name)
        for (key, tensor) in tensors.sorted(by: { $0.key.precedesByBytes($1.key) }) { table.add(key, .memory(tensor)) }
        self.init(table)
    }

    /// The checkpoint, as errors name it.
    public var path: String { table.path }

    var table: WeightTable { ledger.table }

    /// The keys in this scope, without its prefix, in the order of the checkpoint.
    public var keys: [String] {
        ledger.table.keys.filter { $0.utf8.starts(with: prefix.utf8) }.map { key in
            String(decoding: key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        }
    }

    /// The scope `name` of this one.
    public func scoped(_ name: String) -> WeightSource {
        WeightSource(ledger, prefix: prefix + name + ".")
    }

    /// The scope `name` if the checkpoint has any key in it, otherwise this scope: for an outer prefix that some
    /// checkpoints leave out. Only names decide, never shapes.
    public func scoped(ifPresent name: String) -> WeightSource {
        let inner = scoped(name)
        return inner.isEmpty ? self : inner
    }

    /// The scope `name`, or nil if the checkpoint has no key in it; then `tensors` are recorded as newly initialised.
    ///
    /// A part that is there only in parts is not fresh: what it lacks is missing.
    public func part(_ name: String, newlyInitialised tensors: [String]) -> WeightSource? {
        let inner = scoped(name)
        guard inner.isEmpty else { return inner }
        for tensor in tensors { ledger.recordNewlyInitialised(inner.prefix + tensor) }
        return nil
    }

    /// Whether the checkpoint has no key in this scope.
    public var isEmpty: Bool { !ledger.table.hasKeys(under: prefix) }

    /// The extents of the tensor `name`, or nil if there is none; the tensor still counts as unused.
    public func shape(of name: String) -> Shape? {
        ledger.table.position(of: prefix + name).map { ledger.table.origins[$0].shape }
    }

    /// Whether bitsandbytes quantised the tensor `name`: its rows are then outputs, also where an architecture's own are inputs.
    package func isQuantized(_ name: String) -> Bool {
        guard let position = ledger.table.position(of: prefix + name) else { return false }
        return if case .quantized = ledger.table.origins[position] { true } else { false }
    }

    /// The tensor `name`, or one of its other names: in place where the file allows, otherwise a copy as floats. Matrices of a
    /// GGUF file stay encoded.
    ///
    /// If it is missing or does not fit, that is recorded and the result is a stand-in of zeros.
    public func tensor(_ name: String, or otherNames: String..., shape: Shape) -> Tensor {
        let found = ledger.fitting([name] + otherNames, inScope: prefix, shape)
        if !found.isPresent { ledger.record(prefix + name, .missing(expected: shape)) }
        return found.tensor ?? ZeroPages.tensor(shape)
    }

    /// The tensor `name`, or one of its other names, or nil if there is none, which is recorded as newly initialised.
    ///
    /// If it does not fit, that is recorded and the result is a stand-in of zeros.
    public func optionalTensor(_ name: String, or otherNames: String..., shape: Shape) -> Tensor? {
        let found = ledger.fitting([name] + otherNames, inScope: prefix, shape)
        guard found.isPresent else {
            ledger.recordNewlyInitialised(prefix + name)
            return nil
        }
        return found.tensor ?? ZeroPages.tensor(shape)
    }

    /// Ends loading, for all scopes: every key must have been asked for, or match one of `patterns`.
    ///
    /// - Parameter patterns: keys that may go unused, in full; `*` stands for anything, as in `cls.*`.
    /// - Throws: ``WeightError`` with every tensor that is missing, unexpected, mis-shaped or mis-typed.
    public func finish(ignoring patterns: [String] = []) throws(WeightError) -> LoadReport {
        try ledger.finish(ignoring: patterns.map(KeyPattern.init))
    }
}
