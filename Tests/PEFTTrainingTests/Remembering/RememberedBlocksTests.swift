import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

/// A run over 20 examples whose adapter acts on the last of three blocks only; all but the base's dropout is on.
struct RememberingRun {
    let run: TestRun
    var arguments = TrainingArguments(epochs: 3, batchSize: 4, learningRate: 3e-3, baseDropout: 0, seed: 7)

    init() throws {
        run = try TestRun()
    }

    func adapter() throws -> AdapterBundle {
        let method = LoRA(rank: 2, alpha: 3, dropout: 0.1, targets: ["query", "output.dense"], layers: [2])
        return try AdapterBundle(method, for: run.base.architecture, labels: ["a", "b", "c"], seed: 1)
    }

    func train(
        remembering bytes: Int?,
        threads: Int = 2,
        _ change: (inout TrainingArguments) -> Void = { _ in }
    ) async throws -> TrainingRun {
        var arguments = arguments
        arguments.rememberedBytes = bytes
        change(&arguments)
        return try await run.trainer(arguments, threads: threads).train(adapter(), on: run.examples)
    }
}

@Suite("Frozen blocks' output remembered from epoch to epoch")
struct RememberedBlocksTests {
    let setting: RememberingRun
    let plenty = 1 << 24

    init() throws {
        setting = try RememberingRun()
    }

    @Test("moves the losses by rounding only, whatever the number of workers", arguments: [1, 2, 3])
    func parity(threads: Int) async throws {
        let plain = try await setting.train(remembering: nil, threads: threads)
        let remembering = try await setting.train(remembering: plenty, threads: threads)
        #expect(remembering.steps.count == 15)
        for (a, b) in zip(remembering.steps, plain.steps) { #expect(abs(a.loss - b.loss) <= 1e-6 * b.loss) }
        #expect(plain.epochs.allSatisfy { $0.remembered == nil })
    }

    @Test("gives the same bits in whatever memory, so that batches with and without remembered texts are whole")
    func limits() async throws {
        let all = try await setting.train(remembering: plenty)
        let texts = Set(setting.run.examples.map { [$0.ids, $0.typeIDs] }).count
        let used = try #require(all.epochs.first?.remembered)
        #expect(used.texts == texts && all.epochs.allSatisfy { $0.remembered == used })
        for limit in [used.bytes, used.bytes - 1, used.bytes / 2, 1] {
            let some = try await setting.train(remembering: limit)
            let remembered = try #require(some.epochs.last?.remembered)
            #expect(remembered.bytes <= limit)
            #expect(limit == 1 ? remembered.texts == 0 : (1...texts).contains(remembered.texts))
            #expect((remembered.texts == texts) == (limit >= used.bytes))
            #expect(some.adapter.values == all.adapter.values, "\(limit) bytes")
            #expect(some.steps.map(\.loss) == all.steps.map(\.loss))
        }
    }

    @Test("gives the same bits when blocks are computed once more in the backward pass")
    func recomputing() async throws {
        let kept = try await setting.train(remembering: plenty)
        let again = try await setting.train(remembering: plenty) { $0.gradientCheckpointing = true }
        #expect(again.adapter.values == kept.adapter.values)
    }

    @Test("says how many blocks they are; all of them for a head alone")
    func announcement() async throws {
        var arguments = setting.arguments
        arguments.rememberedBytes = plenty
        let base = setting.run.base
        let headOnly = try AdapterBundle(HeadOnly(), for: base.architecture, labels: ["a", "b", "c"])
        for (adapter, blocks) in [(try setting.adapter(), 2), (headOnly, 3)] {
            let plans = Notes<Int?>()
            let run = try await setting.run.trainer(arguments).train(
                adapter,
                on: setting.run.examples,
                report: { if case .started(let plan) = $0 { plans.add(plan.rememberedBlocks) } }
            )
            #expect(plans.all == [blocks])
            arguments.rememberedBytes = nil
            let plain = try await setting.run.trainer(arguments).train(adapter, on: setting.run.examples)
            arguments.rememberedBytes = plenty
            for (a, b) in zip(run.steps, plain.steps) { #expect(abs(a.loss - b.loss) <= 1e-6 * b.loss) }
        }
    }

    /// A method that trains nothing but the task's head.
    private struct HeadOnly: AdapterMethod {
        struct Nothing: AdapterWeights {
            mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {}
        }

        static let name = "head"

        func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> Nothing { Nothing() }
    }
}
