import Foundation
import PEFTFormats
import PEFTTraining
import TestModels
import Testing

@Suite("Schedules have the factors of transformers, from the first step to the last")
struct ScheduleGoldenTests {
    private func schedule(_ row: JSONReader) throws -> any LearningRateSchedule {
        let settings = try row["settings"]
        let warmup = Warmup.steps(try row["warmup"].int())
        switch try row["name"].string() {
        case LinearSchedule.name: return LinearSchedule(warmup: warmup)
        case CosineSchedule.name: return CosineSchedule(warmup: warmup, cycles: try settings["cycles"].double())
        case CosineWithRestarts.name: return CosineWithRestarts(warmup: warmup, cycles: try settings["cycles"].int())
        case PolynomialSchedule.name:
            return PolynomialSchedule(
                warmup: warmup,
                power: try settings["power"].double(),
                end: try settings["end"].double()
            )
        case ConstantWithWarmup.name: return ConstantWithWarmup(warmup: warmup)
        case InverseSquareRootSchedule.name: return InverseSquareRootSchedule(warmup: warmup)
        default:
            return WarmupStableDecay(
                warmup: warmup,
                decaySteps: try settings["decay_steps"].int(),
                decay: try #require(WarmupStableDecay.Shape(rawValue: settings["decay"].string())),
                rise: try #require(WarmupStableDecay.Shape(rawValue: settings["rise"].string())),
                minimum: try settings["minimum"].double()
            )
        }
    }

    @Test("every step of runs of 1, 2, 10 and 37 steps with warm-ups of 0, 1 and 3")
    func factors() throws {
        let rows = try Golden.json("schedules.json")["schedules"].elements()
        #expect(rows.count == 160)
        for row in rows {
            let schedule = try schedule(row)
            let total = try row["total"].int()
            let expected = try row["factors"].doubles()
            #expect(expected.count == total)
            for (step, wanted) in expected.enumerated() {
                let found = schedule.factor(step: step, total: total)
                #expect(abs(found - wanted) < 1e-12, "\(schedule), step \(step) of \(total)")
            }
        }
    }

    @Test("a plateau lowers the rate where PyTorch's does")
    func plateau() throws {
        for row in try Golden.json("schedules.json")["plateau"].elements() {
            var schedule = ReduceOnPlateau(
                factor: 0.5,
                patience: try row["patience"].int(),
                cooldown: try row["cooldown"].int(),
                minimum: 0.1
            )
            for (value, wanted) in zip(try row["values"].doubles(), try row["factors"].doubles()) {
                schedule.observe(value, higherIsBetter: try row["mode"].string() == "max")
                #expect(abs(schedule.factor(step: 0, total: 1) - wanted) < 1e-12, "\(schedule)")
            }
        }
    }

    @Test("evaluations that are not finite are never better, and what a plateau remembers can be stored at any time")
    func notFinite() throws {
        for higherIsBetter in [false, true] {
            var schedule = ReduceOnPlateau(factor: 0.5, patience: 1)
            for value in [.infinity, -.infinity, 1, .nan, .infinity, -.infinity] as [Double] {
                schedule.observe(value, higherIsBetter: higherIsBetter)
                let stored = try JSONEncoder().encode(schedule)
                schedule = try JSONDecoder().decode(ReduceOnPlateau.self, from: stored)
            }
            #expect(schedule.factor(step: 0, total: 1) == 0.25)
        }
    }

    @Test("the first and last steps, by hand")
    func ends() {
        func ends(_ schedule: some LearningRateSchedule, _ total: Int = 10) -> [Double] {
            [0, 1, total - 1].map { schedule.factor(step: $0, total: total) }
        }
        func expect(_ found: [Double], _ wanted: [Double]) {
            for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-12, "\(found)") }
        }
        expect(ends(LinearSchedule()), [1, 0.9, 0.1])
        expect(ends(LinearSchedule(warmup: .steps(1))), [0, 1, 1.0 / 9])
        expect(ends(LinearSchedule(warmup: .ratio(0.11))), [0, 0.5, 0.125])
        expect(ends(ConstantSchedule()), [1, 1, 1])
        expect(ends(ConstantWithWarmup(warmup: .steps(2))), [0, 0.5, 1])
        expect(ends(PolynomialSchedule(power: 2, end: 0.5)), [1, 0.5 * 0.81 + 0.5, 0.5 * 0.01 + 0.5])
        expect(ends(WarmupStableDecay(warmup: .steps(1), decaySteps: 2, decay: .linear)), [0, 1, 0.5])
        expect(ends(WarmupStableDecay(decaySteps: 20, decay: .linear)), [0.5, 0.45, 0.05])
        expect(ends(WarmupStableDecay(warmup: .steps(1), decaySteps: .max, decay: .linear)), [0, 0, 0])
        expect(ends(InverseSquareRootSchedule(warmup: .steps(1))), [0, 1, 1.0 / 3])
        expect(ends(CosineSchedule(), 2), [1, 0.5, 0.5])
        expect(ends(CosineWithRestarts(cycles: 2), 4), [1, 0.5, 0.5])
        // A run of one step with a warm-up of one takes it at rate 0, as in transformers.
        #expect(LinearSchedule(warmup: .steps(1)).factor(step: 0, total: 1) == 0)
    }
}
