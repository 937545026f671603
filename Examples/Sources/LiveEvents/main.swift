// A run that is followed while it goes on, and ended by Ctrl-C or by a condition.
//
//     swift run -c release LiveEvents minilm reviews.jsonl adapter 0.3
//
// The last argument is the loss below which the run ends. However it ends, the step is finished and the adapter saved.
// Its sources are safe to use from any thread, but are not declared so everywhere.
@preconcurrency import Dispatch
import Foundation
import PEFTKit
import Synchronization

/// Ends the run when the mean loss of some steps is low enough.
struct StopBelow: TrainingCallback {
    let loss: Double

    func logged(_ log: LogReport) -> TrainingRequest { log.loss < loss ? .stop : [] }
}

/// Ends the run when Ctrl-C is pressed.
final class StopOnInterrupt: TrainingCallback {
    private let isAsked = Atomic<Bool>(false)
    private let source: any DispatchSourceSignal

    init() {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { [unowned self] in isAsked.store(true, ordering: .relaxed) }
        source.resume()
    }

    func stepEnded(_ step: StepReport) -> TrainingRequest { isAsked.load(ordering: .relaxed) ? .stop : [] }
}

/// Past `print`'s buffer, so that a pipe, too, gets each line as it comes.
func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 4, let bound = Double(arguments[3]) else {
    print("usage: LiveEvents MODEL-FOLDER TEXTS ADAPTER-FOLDER LOSS")
    exit(64)
}
let base = try FrozenModel<BERT>.open(URL(filePath: arguments[0]))
let tokenizer = try WordPieceTokenizer.open(URL(filePath: arguments[0]))
let texts = try TextDataset(contentsOf: URL(filePath: arguments[1]))
let labels = try texts.labels()
let examples = try await ExampleEncoder(tokenizer: tokenizer, maximumLength: 64).encode(texts, labels: labels)

let method = LoRA(rank: 8, alpha: 16, targets: .allLinear)
let fresh = try AdapterBundle(method, for: base.architecture, labels: labels.names, maximumLength: 64)
let trainer = Trainer(
    base,
    task: ClassificationTask(),
    arguments: TrainingArguments(epochs: 100, batchSize: 8, learningRate: 1e-3, loggingSteps: 4)
)
let events = trainer.events(fresh, on: examples, callbacks: [StopBelow(loss: bound), StopOnInterrupt()])
for try await event in events {
    switch event {
    case .started(let plan):
        show("\(plan.steps) steps, \(plan.trainableParameters) of \(plan.frozenParameters) parameters")
    case .step(let step):
        show("step \(step.step), loss \(step.loss), \(Int(step.tokensPerSecond)) tokens/s")
    case .epoch(let epoch):
        show("epoch \(epoch.epoch), loss \(epoch.loss)")
    case .finished(let run):
        try run.adapter.save(to: URL(filePath: arguments[2]), for: base)
        show("ended after \(run.steps.count) steps: \(run.ending.rawValue)")
    case .epochStarted, .logged, .evaluated, .saved:
        break
    }
}
