import Foundation
import PEFTAutograd
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining

/// Access to `Tests/Golden`: what Python computed. See the README there.
enum Golden {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden")

    static func json(_ path: String) throws -> JSONReader {
        let file = folder.appending(path: path).path
        return JSONReader(try JSONValue(contentsOf: file), source: path)
    }

    static func tensors(_ path: String) throws -> [String: Tensor] {
        let file = try SafetensorsFile(path: folder.appending(path: path).path)
        return Dictionary(uniqueKeysWithValues: try file.entries.map { ($0.name, try file.tensor(named: $0.name)) })
    }

    static func model(_ name: String) throws -> FrozenModel<BERT> {
        try FrozenModel<BERT>.open(folder.appending(path: "bert/models/\(name)/checkpoint"))
    }

    /// The tiny checkpoints' examples, their labels taken modulo the number of classes.
    static func examples(_ set: String, classes: Int) throws -> [ClassificationExample] {
        try json("bert/sequences.json")[set].elements().map { row in
            ClassificationExample(
                ids: try row["ids"].ints().map(Int32.init),
                typeIDs: try row["token_types"].ints().map(Int32.init),
                label: try row["label"].int() % max(2, classes)
            )
        }
    }
}

extension JSONReader {
    func matrix() throws -> [[Double]] { try elements().map { try $0.doubles() } }
    func doubles() throws -> [Double] { try elements().map { try $0.double() } }
}

/// Forward and backward on one worker, without dropout.
struct Pass {
    let logits: [[Double]]
    let loss: Double
    /// By parameter path.
    let gradients: [String: Tensor]

    init(_ model: BERT, _ adapter: (any AdapterWeights)?, _ examples: [ClassificationExample]) {
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: adapter != nil), adapter: adapter)
        let batch = TokenBatch(examples.map(\.ids), typeIDs: examples.map(\.typeIDs))
        let output = model.classify(batch, context)
        let classes = output.shape[1]
        let values = output.value.elements.map(Double.init)
        logits = (0..<examples.count).map { Array(values[($0 * classes)..<(($0 + 1) * classes)]) }
        guard classes > 1 else {
            loss = .nan
            gradients = [:]
            return
        }
        let entropy = CrossEntropy(
            logits: output.value,
            labels: examples.map(\.label),
            divisor: Double(examples.count)
        )
        loss = entropy.sum / Double(examples.count)
        context.tape.backward(from: output, seed: entropy.gradient)
        gradients = (adapter?.parameters ?? []).reduce(into: [:]) { $0[$1.path] = context.gradient(of: $1) }
    }
}

/// Every tensor of the base trained in place: full fine-tuning, which exercises every backward pass.
struct EveryParameter: AdapterWeights {
    var all: [Parameter]
    private let indices: [String: Int]

    init(_ model: some AdaptableModel) {
        all = model.parameters
        indices = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.path, $0) })
    }

    mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in all.indices { try visit(&all[index]) }
    }

    func parameter(_ path: String) -> Parameter? { indices[path].map { all[$0] } }
}

/// Comparisons in the terms of `Documentation/Numerics.md`.
enum Agreement {
    /// max |a − b| in units of the tolerance 10⁻⁴ · max(1, max |b|).
    static func tolerances(_ a: [[Double]], _ b: [[Double]]) -> Double {
        guard a.map(\.count) == b.map(\.count) else { return .infinity }
        let largest = b.joined().map(abs).max() ?? 0
        let difference = zip(a.joined(), b.joined()).map { abs($0 - $1) }
        guard difference.allSatisfy(\.isFinite) else { return .infinity }
        return (difference.max() ?? 0) / (1e-4 * max(1, largest))
    }

    /// ‖a − b‖ / max(‖b‖, 10⁻⁶ ‖all b‖) of the worst tensor, with its name.
    static func worst(_ a: [String: Tensor], _ b: [String: Tensor]) -> (name: String, error: Double) {
        let total = b.values.reduce(0) { $0 + Kernels.sumOfSquares($1) }.squareRoot()
        return b.map { name, expected in
            guard let actual = a[name], actual.shape == expected.shape else { return (name, .infinity) }
            let difference = zip(actual.elements, expected.elements).map { Double($0) - Double($1) }
            let norm = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return (name, norm / max(Kernels.sumOfSquares(expected).squareRoot(), 1e-6 * total))
        }.max { $0.1 < $1.1 } ?? ("nothing to compare", .infinity)
    }
}
