import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Optimizers take the steps of PyTorch and transformers")
struct OptimizerGoldenTests {
    static let optimizers: [(name: String, optimizer: any Optimizer)] = [
        ("adamw", AdamW(beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.1)),
        ("sgd", SGD(weightDecay: 0.1)),
        ("sgd, momentum", SGD(momentum: 0.9, dampening: 0.3, weightDecay: 0.1)),
        ("sgd, nesterov", SGD(momentum: 0.9, isNesterov: true, weightDecay: 0.1)),
        ("lion", Lion(weightDecay: 0.1)),
        ("adafactor", Adafactor(weightDecay: 0.1)),
        ("adafactor, clipped", Adafactor(clipThreshold: 0.3, decayRate: -0.5, weightDecay: 0.1)),
    ]

    /// Parameters and nothing else.
    struct Parameters: AdapterWeights {
        var all: [Parameter]

        mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
            for index in all.indices { try visit(&all[index]) }
        }
    }

    /// A matrix and two vectors, none of which but the matrix is decayed.
    static let shapes: [(path: String, shape: Shape)] = [
        ("query.lora_A.weight", [3, 5]), ("query.bias", [5]), ("LayerNorm.weight", [4]),
    ]

    private func tensors(_ json: JSONReader) throws -> [Parameter] {
        try Self.shapes.map { Parameter($0.path, Tensor($0.shape, try json[$0.path].doubles().map(Float.init))) }
    }

    @Test("six steps each, also when the state is stored and restored in between", arguments: optimizers.indices)
    func steps(_ index: Int) throws {
        let (name, optimizer) = Self.optimizers[index]
        let golden = try Golden.json("optimizers.json")[name]
        var weights = Parameters(all: try tensors(golden["start"]))
        var states = OptimizerStates(optimizer, for: weights)
        for (gradients, expected) in zip(try golden["gradients"].elements(), try golden["values"].elements()) {
            states.step(&weights, gradients: try tensors(gradients).map(\.value)) { _ in 0.01 }
            let found = Dictionary(uniqueKeysWithValues: weights.all.map { ($0.path, $0.value) })
            let wanted = Dictionary(uniqueKeysWithValues: try tensors(expected).map { ($0.path, $0.value) })
            let worst = Agreement.worst(found, wanted)
            #expect(worst.error < 1e-6, "\(name), \(worst.name)")
            var fresh = OptimizerStates(optimizer, for: weights)
            let stored = Dictionary(uniqueKeysWithValues: states.tensors.map { ($0.name, $0.value) })
            try fresh.restore(steps: states.steps) { name, _ in try #require(stored[name]) }
            states = fresh
        }
    }
}
