import Foundation
import PEFTMethods
import PEFTModels
import PEFTTraining
import TestSupport
import Testing

@Suite("Checkpoints are whole or not there")
struct CheckpointStoreTests {
    var setting: RunSetting

    init() throws {
        setting = try RunSetting()
    }

    /// A run with checkpoints after steps 2, 4, … 10.
    private func saved(limit: Int? = nil) async throws -> RunSetting {
        var setting = setting
        setting.arguments.saving = .steps(2)
        setting.arguments.savedCheckpoints = limit
        _ = try await setting.train(setting.run.adapter())
        return setting
    }

    private func overwrite(_ url: URL, _ change: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: url)
        change(&data)
        try data.write(to: url)
    }

    @Test("the newest is the one of the most steps, not the last by name")
    func newest() async throws {
        let setting = try await saved()
        #expect(try setting.store.steps() == [2, 4, 6, 8, 10])
        #expect(try setting.store.newest()?.step == 10)
    }

    @Test("a folder without checkpoints, or none at all")
    func none() throws {
        #expect(try setting.store.newest() == nil)
        #expect(try CheckpointStore(setting.folder.url.appending(path: "absent")).newest() == nil)
    }

    @Test("a checkpoint is an adapter folder")
    func adapterFolder() async throws {
        let setting = try await saved()
        let url = setting.store.url(ofStep: 10)
        let adapter = try AdapterFolder(url).adapter(for: setting.run.base)
        let run = try await setting.train(setting.run.adapter(), resuming: Checkpoint(url))
        #expect(adapter.values == run.adapter.values)
    }

    @Test("a bit that flipped in any file makes the one before the newest, with the reason")
    func flippedBits() async throws {
        let setting = try await saved()
        let names = try setting.files(ofStep: 10).keys.sorted()
        #expect(names.count == 7)
        for name in names {
            let file = setting.store.url(ofStep: 10).appending(path: name)
            let before = try Data(contentsOf: file)
            try overwrite(file) { $0[$0.count / 2] ^= 1 }
            var reasons: [String] = []
            #expect(try setting.store.newest(passingOver: { reasons.append($0.description) })?.step == 8)
            #expect(reasons.count == 1 && reasons[0].contains("checkpoint-10 is no whole checkpoint: "), "\(reasons)")
            if name != "checkpoint.json" { #expect(reasons[0].contains("\(name) is not what was written")) }
            try before.write(to: file)
        }
        #expect(try setting.store.newest()?.step == 10)
    }

    @Test("a file that is missing or cut short makes the one before the newest")
    func missingFiles() async throws {
        let setting = try await saved()
        try FileManager.default.removeItem(at: setting.store.url(ofStep: 10).appending(path: "trainer.safetensors"))
        try overwrite(setting.store.url(ofStep: 8).appending(path: "trainer.safetensors")) { $0.removeLast() }
        try FileManager.default.removeItem(at: setting.store.url(ofStep: 6).appending(path: "checkpoint.json"))
        #expect(try setting.store.newest()?.step == 4)
    }

    @Test("only the last ones are kept")
    func limit() async throws {
        #expect(try await saved(limit: 2).store.steps() == [8, 10])
        #expect(try FileManager.default.contentsOfDirectory(atPath: setting.folder.url.path).count == 2)
    }

    @Test("the best is kept, however old")
    func best() async throws {
        var setting = setting
        setting.arguments.saving = .steps(2)
        setting.arguments.savedCheckpoints = 1
        setting.arguments.evaluation = .steps(2)
        setting.arguments.loadsBestAtEnd = true
        let run = try await setting.train(setting.run.adapter(), evaluate: RunSetting.losses([3, 1, 2, 2, 2]))
        #expect(try setting.store.steps() == [4, 10])
        let best = try AdapterFolder(setting.store.url(ofStep: 4)).adapter(for: setting.run.base)
        #expect(run.adapter.values == best.values)
        #expect(run.history.best == TrainingHistory.Best(step: 4, metric: "loss", value: 1))
    }

    @Test("what a killed process left is removed, and nothing else")
    func leftovers() async throws {
        let setting = try await saved(limit: 1)
        for name in [
            ".checkpoint-12.abc123.tmp", ".checkpoint-10.zz9.tmp/part", ".history.json.a1.tmp", "checkpoint-best",
            ".checkpoint-x.a.tmp",
        ] {
            try setting.folder.write([1], to: name + "/file")
        }
        try RunFolder.removeLeftovers(in: setting.folder.url)
        let names = try FileManager.default.contentsOfDirectory(atPath: setting.folder.url.path).sorted()
        #expect(names == [".checkpoint-x.a.tmp", "checkpoint-10", "checkpoint-best"])
    }

    @Test("another model, data set, method, start or setting is refused, with every difference")
    func otherRun() async throws {
        let setting = try await saved()
        let checkpoint = try #require(try setting.store.newest())
        func differences(_ change: (inout RunSetting) -> Void, seed: UInt64 = 1, dropping: Int = 0) async throws
            -> [String]
        {
            var other = setting
            change(&other)
            let error = await #expect(throws: ResumeError.self) {
                try await other.run.trainer(other.arguments).train(
                    other.run.adapter(seed: seed),
                    on: Array(other.run.examples.dropLast(dropping)),
                    resuming: checkpoint
                )
            }
            guard case .otherRun(_, let differences) = error else { return [] }
            return differences
        }
        #expect(
            try await differences {
                $0.arguments.learningRate = 1e-3
                $0.arguments.batchSize = 5
                $0.arguments.optimizer = AdamW(weightDecay: 0.5)
            } == [
                "arguments, batch size is 5, was 4", "arguments, learning rate is 0.001, was 0.003",
                "arguments, optimizer settings, weightDecay is 0.5, was 0",
            ]
        )
        let start = try await differences({ _ in }, seed: 2)
        #expect(start.count == 1 && start[0].hasPrefix("start of the adapter is "))
        let data = try await differences({ _ in }, dropping: 1)
        #expect(data.count == 2 && data[0] == "examples is 19, was 20" && data[1].hasPrefix("data is "))
    }

    @Test("when checkpoints are saved and how many are kept may change")
    func otherSaving() async throws {
        var setting = try await saved()
        setting.arguments.saving = .epoch
        setting.arguments.savedCheckpoints = 1
        setting.arguments.loggingSteps = 1
        _ = try await setting.train(setting.run.adapter(), resuming: Checkpoint(setting.store.url(ofStep: 4)))
        #expect(try setting.store.steps() == [10])
    }
}
