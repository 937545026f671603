import PEFTModels
import PEFTTensor
import PEFTTraining
import Testing

@Suite("A step of many parameters, shared among workers")
struct SharedUpdateTests {
    private struct Weights: AdapterWeights {
        var all: [Parameter]

        mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
            for index in all.indices { try visit(&all[index]) }
        }
    }

    /// More than it takes to share, in matrices of unlike sizes, one of them without a gradient.
    private static let shapes: [Shape] = [[3, 5], [1500, 1500], [700], [2000, 1200], [40, 40]]

    private static func tensors(_ purpose: String) -> [Tensor] {
        shapes.enumerated().map { index, shape in
            CounterRandom(seed: 3, purpose: "\(purpose) \(index)").uniform(shape, bound: 0.1)
        }
    }

    @Test("every optimizer does what it does alone, to the bit, over three steps")
    func sameBits() async {
        let start = Weights(all: Self.tensors("weights").enumerated().map { Parameter("module.\($0).weight", $1) })
        let workers = WorkerPool(threads: 3)
        func rate(_ parameter: Parameter) -> Double { parameter.path.hasPrefix("module.1") ? 1e-2 : 1e-3 }
        let optimizers: [any Optimizer] = [AdamW(weightDecay: 0.1), SGD(momentum: 0.9), Lion(), Adafactor()]
        for optimizer in optimizers {
            var (alone, shared) = (start, start)
            var (ownStates, sharedStates) = (
                OptimizerStates(optimizer, for: alone), OptimizerStates(optimizer, for: shared)
            )
            for step in 0..<3 {
                var gradients: [Tensor?] = Self.tensors("gradients \(step)")
                gradients[4] = nil
                ownStates.step(&alone, gradients: gradients, learningRate: rate)
                await sharedStates.step(&shared, gradients: gradients, on: workers, learningRate: rate)
            }
            #expect(sharedStates.steps == ownStates.steps && ownStates.steps == [3, 3, 3, 3, 0])
            for (a, b) in zip(alone.all, shared.all) {
                #expect(a.path == b.path && a.value.elements == b.value.elements, "\(type(of: optimizer)), \(a.path)")
            }
            #expect(alone.all[1].value.elements != start.all[1].value.elements, "\(type(of: optimizer))")
            for (a, b) in zip(ownStates.tensors, sharedStates.tensors) {
                #expect(a.name == b.name && a.value.elements == b.value.elements, "\(type(of: optimizer)), \(a.name)")
            }
        }
    }

    @Test("a step is whole though the task that takes it is cancelled")
    func cancelled() async {
        let start = Weights(all: Self.tensors("weights").enumerated().map { Parameter("module.\($0).weight", $1) })
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            var (weights, states) = (start, OptimizerStates(SGD(), for: start))
            let workers = WorkerPool(threads: 2)
            await states.step(&weights, gradients: Self.tensors("gradients"), on: workers) { _ in 0.5 }
            return weights
        }
        for (before, after) in zip(start.all, await task.value.all) {
            #expect(before.value.elements != after.value.elements, "\(before.path)")
        }
    }
}
