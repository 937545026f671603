import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import TestSupport
import Testing

/// An update rule under the name it has in a report.
struct OptimizerCase: Sendable, CustomStringConvertible {
    let optimizer: any Optimizer
    var description: String { type(of: optimizer).name }

    static let all = [
        OptimizerCase(optimizer: AdamW(weightDecay: 0.01)),
        OptimizerCase(optimizer: SGD(momentum: 0.9)),
        OptimizerCase(optimizer: Lion(weightDecay: 0.01)),
        OptimizerCase(optimizer: Adafactor()),
    ]
}

@Suite("A run that was interrupted and resumed is the run that was not, to the byte")
struct ExactResumeTests {
    /// Compares the last checkpoints of a run that went through and of one that was stopped after each of `steps`.
    private func expectSameBytes(
        stoppingAfter steps: [Int],
        evaluating: Bool = false,
        _ change: (inout RunSetting) -> Void = { _ in },
        adapter: (RunSetting) throws -> AdapterBundle
    ) async throws {
        var (through, stopped) = (try RunSetting(), try RunSetting())
        change(&through)
        change(&stopped)
        let firstNumber: Trainer<ClassificationTask<BERT>>.Evaluation = { adapter in
            EvaluationReport(loss: Double(adapter.parameters.first?.value.elements.first ?? 0))
        }
        let evaluate = evaluating ? firstNumber : nil
        let whole = try await through.train(adapter(through), evaluate: evaluate)
        for step in steps {
            let checkpoint = try stopped.store.newest()
            let part = try await stopped.train(
                adapter(stopped),
                evaluate: evaluate,
                resuming: checkpoint,
                callbacks: [StopAt(step: step)]
            )
            #expect(part.ending == .requested && part.history.steps.count == step)
        }
        let newest = try #require(try stopped.store.newest())
        #expect(newest.step == steps.last)
        let rest = try await stopped.train(adapter(stopped), evaluate: evaluate, resuming: newest)
        #expect(rest.adapter.values == whole.adapter.values)
        #expect(rest.history == whole.history)
        let (expected, found) = (try through.files(ofStep: 10), try stopped.files(ofStep: 10))
        #expect(expected.keys.sorted() == found.keys.sorted() && expected.count >= 4)
        for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
    }

    static let rows: [MethodCase] =
        MethodCase.all + [
            MethodCase(name: "Adapter", method: Adapter(reductionFactor: 4)),
            MethodCase(
                name: "stack of Prefix, Adapter and LoRA with dropout",
                method: Stacked([Prefix(virtualTokens: 2), Adapter(reductionFactor: 4), LoRA(rank: 2, dropout: 0.2)])
            ),
        ]

    @Test("every method with every optimizer, with dropout", arguments: rows, OptimizerCase.all)
    func methods(row: MethodCase, optimizer: OptimizerCase) async throws {
        try await expectSameBytes(stoppingAfter: [4], { $0.arguments.optimizer = optimizer.optimizer }) {
            try row.fresh(on: $0.run.base.architecture)
        }
    }

    @Test("every optimizer", arguments: OptimizerCase.all)
    func optimizers(row: OptimizerCase) async throws {
        try await expectSameBytes(stoppingAfter: [3, 7], { $0.arguments.optimizer = row.optimizer }) {
            try $0.run.adapter(dropout: 0.2)
        }
    }

    @Test("stopped after every single step, and at the ends of epochs")
    func everyStep() async throws {
        try await expectSameBytes(stoppingAfter: Array(1...9)) { try $0.run.adapter(dropout: 0.1) }
    }

    @Test("batches by tokens, accumulated, over a number of steps")
    func batchesByTokens() async throws {
        try await expectSameBytes(
            stoppingAfter: [5],
            {
                $0.arguments.tokensPerBatch = 60
                $0.arguments.accumulationSteps = 2
                $0.arguments.maximumSteps = 10
            }
        ) { try $0.run.adapter(dropout: 0.1) }
    }

    @Test("frozen blocks remembered, where the run that goes on has to fill its memory in another order")
    func remembering() async throws {
        let method = LoRA(rank: 2, dropout: 0.1, layers: [2])
        for bytes in [1 << 20, 20_000] {
            try await expectSameBytes(
                stoppingAfter: [3, 7],
                {
                    $0.arguments.rememberedBytes = bytes
                    $0.arguments.baseDropout = 0
                }
            ) { try MethodCase(name: "", method: method).fresh(on: $0.run.base.architecture) }
        }
    }

    @Test("evaluations, the best adapter and a schedule that depends on them")
    func evaluations() async throws {
        try await expectSameBytes(
            stoppingAfter: [3, 6],
            evaluating: true,
            {
                $0.arguments.evaluation = .steps(2)
                $0.arguments.loadsBestAtEnd = true
                $0.arguments.schedule = ReduceOnPlateau(factor: 0.5, patience: 0)
                $0.arguments.savedCheckpoints = 2
            }
        ) { try $0.run.adapter(dropout: 0.1) }
    }
}
