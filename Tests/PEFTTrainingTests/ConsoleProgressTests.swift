import Foundation
import PEFTTraining
import Synchronization
import Testing

@Suite("Progress on the console")
struct ConsoleProgressTests {
    /// What a display wrote.
    final class Log: Sendable {
        private let parts = Mutex<[String]>([])
        var text: String { parts.withLock { $0.joined() } }
        var writes: [String] { parts.withLock { $0 } }
        func append(_ text: String) { parts.withLock { $0.append(text) } }
    }

    private func shown(_ display: ConsoleProgress.Display, _ events: [TrainingEvent]) -> Log {
        let log = Log()
        let progress = ConsoleProgress(display, write: log.append)
        events.forEach(progress.show)
        return log
    }

    private func bar(_ columns: Int, isUnicode: Bool = true) -> ConsoleProgress.Display {
        .bar(columns: { columns }, isUnicode: isUnicode)
    }

    private func step(_ number: Int, of steps: Int = 250, at elapsed: Double = 12) -> TrainingEvent {
        .step(
            StepReport(
                record: TrainingHistory.Step(
                    step: number,
                    epoch: 1,
                    loss: 0.69314,
                    learningRate: 5e-4,
                    gradientNorm: 1,
                    tokens: 300,
                    examples: 8
                ),
                steps: steps,
                tokensPerSecond: 12_345.6,
                elapsed: elapsed,
                remaining: elapsed / Double(number) * Double(steps - number)
            )
        )
    }

    private func epoch(_ number: Int, validation: EvaluationReport? = nil) -> TrainingEvent {
        .epoch(EpochReport(epoch: number, loss: 0.51234, validation: validation, elapsed: 75))
    }

    /// A drawn line without what moves the cursor and clears the rest.
    private func visible(_ drawn: String) -> String {
        drawn.replacingOccurrences(of: "\r", with: "").replacingOccurrences(of: "\u{1B}[K", with: "")
    }

    @Test("a run begins with what is trained and how long it is")
    func plan() {
        let plan = TrainingPlan(
            examples: 2000,
            epochs: 1,
            steps: 250,
            trainableParameters: 296_450,
            frozenParameters: 109_483_778
        )
        let expected = "training 296,450 of 109,780,228 parameters (0.27 %)\n2,000 examples, 1 epoch, 250 steps\n"
        #expect(shown(.lines, [.started(plan)]).text == expected)
    }

    @Test("what is remembered is said at the beginning and after every epoch")
    func remembering() {
        let plan = TrainingPlan(
            examples: 2000,
            epochs: 2,
            steps: 500,
            trainableParameters: 1,
            frozenParameters: 1,
            rememberedBlocks: 10
        )
        #expect(shown(.lines, [.started(plan)]).text.hasSuffix("2 epochs, 500 steps, remembering 10 frozen blocks\n"))
        let remembered = EpochReport.Remembered(texts: 1990, bytes: 123_456_789)
        let report = EpochReport(epoch: 1, loss: 0.5, validation: nil, remembered: remembered, elapsed: 75)
        let expected = "epoch 1: loss 0.5000, remembering 1,990 texts in 123.5 MB, 01:15\n"
        #expect(shown(.lines, [.epoch(report)]).text == expected)
    }

    @Test("in a file a step is a line with everything, and with no control characters")
    func line() {
        let expected =
            "step 125/250  loss 0.6931  lr 5.00e-04  12,345 tokens/s  ETA 00:12  elapsed 00:12\n"
        #expect(shown(.lines, [step(125)]).text == expected)
    }

    @Test("in a file there is a line for the first step, the last, and one in ten seconds")
    func lineInterval() {
        let events = (1...100).map { step($0, of: 100, at: Double($0) * 0.25) }
        let numbers = shown(.lines, events).writes.map { $0.dropFirst("step ".count).prefix { $0 != "/" } }
        #expect(numbers == ["  1", " 41", " 81", "100"])
    }

    @Test("an epoch is a line with its loss and, where there is validation data, its metrics")
    func epochs() {
        let report = EvaluationReport(
            loss: 0.4,
            metrics: [.init(name: "accuracy", value: 0.75), .init(name: "f1_macro", value: 0.7333)]
        )
        #expect(shown(.lines, [epoch(1)]).text == "epoch 1: loss 0.5123, 01:15\n")
        let expected = "epoch 2: loss 0.5123, validation loss 0.4000, accuracy 0.7500, f1_macro 0.7333, 01:15\n"
        #expect(shown(.lines, [epoch(2, validation: report)]).text == expected)
    }

    @Test("on 80 columns the bar shows step, loss, learning rate, speed and ETA")
    func eightyColumns() {
        let drawn = visible(shown(bar(80), [step(125)]).text)
        #expect(drawn == "██████░░░░░░ step 125/250  loss 0.6931  lr 5.00e-04  12,345 tokens/s  ETA 00:12")
        #expect(drawn.count == 79)
    }

    @Test("whatever the terminal's width, the line stays within it", arguments: Array(1...200))
    func fits(columns: Int) {
        for number in [1, 125, 25_000] {
            let drawn = visible(shown(bar(columns), [step(number, of: 25_000, at: 40_000)]).text)
            #expect(drawn.count < columns)
            #expect(columns < 15 || drawn.contains("step"))
        }
    }

    @Test("where it is narrow the learning rate goes first, then the speed, then the ETA")
    func narrow() {
        #expect(visible(shown(bar(58), [step(125)]).text) == "step 125/250  loss 0.6931  12,345 tokens/s  ETA 00:12")
        #expect(visible(shown(bar(42), [step(125)]).text) == "step 125/250  loss 0.6931  ETA 00:12")
        #expect(visible(shown(bar(30), [step(125)]).text) == "step 125/250  loss 0.6931")
        #expect(visible(shown(bar(14), [step(125)]).text) == "step 125/250")
    }

    @Test("the bar is empty at the start and full at the end, and the text behind it stays in its place")
    func filling() {
        let lines = shown(bar(80), [step(1), step(250, at: 24)]).writes.map(visible)
        #expect(lines[0].hasPrefix("░░░░░░░░░░░░ step   1/250"))
        #expect(lines[1].hasPrefix("████████████ step 250/250"))
        #expect(lines[1].hasSuffix("ETA 00:00"))
    }

    @Test("without a Unicode locale the bar is ASCII")
    func ascii() {
        let text = shown(bar(80, isUnicode: false), [step(125)]).text
        #expect(visible(text).hasPrefix("######------ step"))
        #expect(text.utf8.allSatisfy { $0 < 128 })
    }

    @Test("the bar is drawn over, at most ten times a second, and the line an epoch ends is kept")
    func drawing() {
        let events = (1...50).map { step($0, of: 50, at: Double($0) * 0.03) }
        let log = shown(bar(80), events + [epoch(1)])
        let draws = log.writes.filter { $0.hasPrefix("\r") }
        // 1.5 seconds: the first step, one in a tenth of a second at most, and the last.
        #expect((10...17).contains(draws.count))
        #expect(draws.allSatisfy { $0.hasSuffix("\u{1B}[K") && !$0.contains("\n") })
        #expect(log.text.hasSuffix("\u{1B}[K\nepoch 1: loss 0.5123, 01:15\n"))
    }

    @Test("an epoch without a bar before it adds no empty line")
    func epochAlone() {
        #expect(
            shown(bar(80), [epoch(1), epoch(2)]).text.split(separator: "\n", omittingEmptySubsequences: false).count
                == 3
        )
    }

    @Test("times are minutes, hours when there are some, and unknown when there is no sense in them")
    func times() {
        func eta(_ elapsed: Double) -> Substring? {
            shown(.lines, [step(1, of: 2, at: elapsed)]).text.split(separator: "  ").first { $0.hasPrefix("ETA") }
        }
        #expect(eta(59.4) == "ETA 00:59")
        #expect(eta(3723) == "ETA 1:02:03")
        #expect(eta(.infinity) == "ETA ?")
        #expect(eta(.nan) == "ETA ?")
    }

    @Test("one display can show one run after another")
    func twice() {
        let run = [step(1, of: 3, at: 100), step(2, of: 3, at: 101), step(3, of: 3, at: 102)]
        let plan = TrainingPlan(examples: 1, epochs: 1, steps: 3, trainableParameters: 1, frozenParameters: 1)
        let second = [.started(plan), step(1, of: 3, at: 1), step(2, of: 3, at: 12)]
        let log = shown(.lines, run + second)
        #expect(log.writes.count == 2 + 3)
    }
}
