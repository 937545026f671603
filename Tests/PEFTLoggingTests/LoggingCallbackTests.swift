import Logging
import PEFTLogging
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import Synchronization
import TestModels
import Testing

@Suite("A run in swift-log")
struct LoggingCallbackTests {
    /// Keeps messages with their metadata.
    private struct Handler: LogHandler {
        final class Lines: Sendable {
            let all = Mutex<[(String, Logger.Metadata)]>([])
        }

        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.all.withLock { $0.append((event.message.description, event.metadata ?? [:])) }
        }
    }

    @Test("every kind of event is a message with its numbers as metadata")
    func messages() async throws {
        let lines = Handler.Lines()
        let logger = Logger(label: "training") { _ in Handler(lines: lines) }
        let base = try Golden.model("classifier")
        let adapter = try AdapterBundle(LoRA(rank: 2), for: base.architecture, labels: ["a", "b", "c"])
        let arguments = TrainingArguments(epochs: 1, batchSize: 4, loggingSteps: 3)
        let trainer = Trainer(base, task: ClassificationTask(), arguments: arguments, workers: WorkerPool(threads: 1))
        _ = try await trainer.train(
            adapter,
            on: Golden.examples("training", classes: 3),
            evaluate: { _ in EvaluationReport(loss: 0.5, metrics: [.init(name: "accuracy", value: 0.75)]) },
            callbacks: [LoggingCallback(logger)]
        )
        let all = lines.all.withLock { $0 }
        #expect(
            all.map(\.0) == [
                "training begins", "step 3 of 5", "step 5 of 5", "evaluation after step 5", "training ended",
            ]
        )
        #expect(all[1].1["step"] == "3" && all[1].1["learning_rate"] != nil)
        #expect(all[3].1["accuracy"] == "0.75" && all[3].1["is_best"] == "true")
    }
}
