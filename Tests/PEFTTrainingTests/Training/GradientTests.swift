import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("A step's gradient is that of its examples, however they are divided")
struct GradientTests {
    let run: TestRun
    let examples: [ClassificationExample]

    init() throws {
        run = try TestRun()
        examples = Array(run.examples.prefix(12))
    }

    /// Other row counts take other paths through the matrix products. The gradient then differs by what single precision
    /// leaves open (the golden files have 10⁻⁶ to 10⁻⁵ between it and double precision), more where a tensor's is small.
    private func expectSame(_ a: GradientProbe, _ b: GradientProbe) {
        #expect(abs(a.loss - b.loss) < 1e-6)
        #expect(a.relativeDifference(from: b) < 2e-6)
        #expect(a.worstDifference(from: b) < 1e-5)
    }

    @Test("it is the gradient of the mean loss over the examples")
    func mean() async throws {
        let adapter = try run.wholeModel()
        let probe = try await GradientProbe(run, adapter, examples)
        let pass = Pass(run.base.architecture, adapter, examples)
        #expect(abs(probe.loss - pass.loss) < 1e-6)
        #expect(probe.gradients.count == pass.gradients.count)
        for (path, gradient) in pass.gradients where !path.hasSuffix("self.key.bias") {
            let (expected, measured) = (gradient.elements.map(Double.init), probe.gradients[path] ?? [])
            #expect(Agreement.relative([measured], [expected]) < 1e-5, "\(path)")
        }
        #expect(abs(probe.norm - probe.measuredNorm) < 1e-5 * probe.norm)
    }

    @Test("batches accumulated, and one large batch", arguments: [2, 3, 4, 5, 12], [0, 0.2])
    func accumulation(batches: Int, dropout: Double) async throws {
        let adapter = try run.adapter(dropout: dropout)
        let whole = try await GradientProbe(run, adapter, examples, baseDropout: dropout)
        let parts = try await GradientProbe(run, adapter, examples, accumulating: batches, baseDropout: dropout)
        expectSame(parts, whole)
    }

    @Test("shards of 2, 3 and 20 workers, and one worker", arguments: [2, 3, 20], [0, 0.2])
    func shards(threads: Int, dropout: Double) async throws {
        let adapter = try run.adapter(dropout: dropout)
        let alone = try await GradientProbe(run, adapter, examples, baseDropout: dropout)
        let shared = try await GradientProbe(run, adapter, examples, threads: threads, baseDropout: dropout)
        expectSame(shared, alone)
    }

    @Test("a fixed number of workers gives the same bits each time", arguments: [1, 2, 3])
    func repeatable(threads: Int) async throws {
        let adapter = try run.adapter(dropout: 0.1)
        let first = try await GradientProbe(run, adapter, examples, threads: threads, baseDropout: 0.1)
        for _ in 0..<3 {
            let again = try await GradientProbe(run, adapter, examples, threads: threads, baseDropout: 0.1)
            #expect(again.loss == first.loss && again.gradients == first.gradients)
        }
    }

    @Test("gradients together longer than the bound are shortened to it, with their direction kept")
    func clipping() async throws {
        let adapter = try run.adapter()
        let free = try await GradientProbe(run, adapter, examples)
        let bound = free.norm / 4
        let clipped = try await GradientProbe(run, adapter, examples, maximumNorm: bound)
        #expect(clipped.norm == free.norm)
        #expect(abs(clipped.measuredNorm - bound) < 1e-5 * bound)
        for (path, gradient) in free.gradients {
            let expected = gradient.map { $0 * bound / (free.norm + 1e-6) }
            let largest = expected.map(abs).max() ?? 0
            for (a, b) in zip(clipped.gradients[path] ?? [], expected) { #expect(abs(a - b) <= 1e-6 * largest) }
        }
    }

    @Test("gradients within the bound are left alone")
    func noClipping() async throws {
        let adapter = try run.adapter()
        let free = try await GradientProbe(run, adapter, examples)
        let bounded = try await GradientProbe(run, adapter, examples, maximumNorm: free.norm * 1.01)
        #expect(bounded.gradients == free.gradients && bounded.norm == free.norm)
    }
}
