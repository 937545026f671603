import PEFTModels
import PEFTTensor

/// Some texts that are continued until all have ended, shared among the workers.
struct GenerationRun<Model: CausalLanguageModel> {
    /// What one worker continues.
    fileprivate struct Group {
        let batch: GenerationBatch<Model>
        var texts: [(index: Int, text: GrowingText)]
    }

    private let workers: WorkerPool
    private var groups: [Group]

    /// - Parameter texts: with their numbers; those of one adapter are neighbours.
    init(_ generator: TextGenerator<Model>, _ texts: [(index: Int, text: GrowingText)]) throws {
        workers = generator.workers
        let parts = Shares.divide(texts.count, into: generator.workers.count)
        groups = try parts.map { part in
            let texts = Array(texts[part])
            let adapters = try texts.map { ($0.text.request.adapter, try generator.adapter(of: $0.text.request)) }
            return Group(batch: GenerationBatch(generator.model.architecture, adapters: adapters), texts: texts)
        }
    }

    /// Continues the texts until all have ended.
    mutating func finish(_ report: (Int, String) -> Void) async throws -> [(index: Int, generation: Generation)] {
        var finished: [(index: Int, generation: Generation)] = []
        while !groups.isEmpty {
            let work = groups.map { (batch: $0.batch, unread: $0.texts.map(\.text.unread)) }
            let team = groups.count == 1 ? workers.team : nil
            let logits = try await workers.map(work) { work, worker in
                work.batch.logits(after: work.unread, on: worker, team: team)
            }
            for (number, rows) in logits.enumerated() {
                groups[number].append(by: rows, report)
                finished += groups[number].takeFinished()
            }
            groups.removeAll { $0.texts.isEmpty }
        }
        return finished
    }
}

extension GenerationRun.Group {
    /// Every text grows by a token.
    fileprivate mutating func append(by logits: Tensor, _ report: (Int, String) -> Void) {
        let width = logits.shape[1]
        logits.withUnsafeFloats { all in
            for row in texts.indices {
                let piece = texts[row].text.append(
                    by: UnsafeBufferPointer(rebasing: all[row * width..<(row + 1) * width])
                )
                if !piece.isEmpty { report(texts[row].index, piece) }
            }
        }
    }

    /// Takes out the texts that have ended.
    fileprivate mutating func takeFinished() -> [(index: Int, generation: Generation)] {
        let ended = texts.filter { $0.text.reason != nil }
        guard !ended.isEmpty else { return [] }
        let live = texts.indices.filter { texts[$0].text.reason == nil }
        batch.keep(live)
        texts = live.map { texts[$0] }
        return ended.map { ($0.index, $0.text.generation) }
    }
}

/// Parts of about the same size.
private enum Shares {
    static func divide(_ count: Int, into parts: Int) -> [Range<Int>] {
        let parts = min(parts, count)
        return (0..<parts).map { (count * $0 / parts)..<(count * ($0 + 1) / parts) }
    }
}
