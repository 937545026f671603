import Foundation
import PEFTFormats
import Testing

@Suite("What a run leaves beside its adapter")
struct RunFolderTests {
    @Test("its description, history, last evaluation and log")
    func files() async throws {
        let scene = try Scene()
        let run = LongRun(scene)
        try await run.resume()
        let names = try FileManager.default.contentsOfDirectory(atPath: scene.path("run"))
        #expect(
            Set(names.filter { !$0.hasPrefix("checkpoint-") }) == [
                "adapter_config.json", "adapter_model.safetensors", "peftkit.json", "run.json", "history.json",
                "evaluation.json", "training.jsonl", "report.html",
            ]
        )
        let history = JSONReader(try JSONValue(contentsOf: scene.path("run/history.json")), source: "history")
        #expect(try history["steps"].elements().count == LongRun.steps)
        #expect(try history["evaluations"].elements().map { try $0["step"].int() } == [12, 24, 36, 48, 60])
        #expect(try history["stopped"].string() == "finished")
        let log = try String(contentsOf: scene.url("run/training.jsonl"), encoding: .utf8).split(separator: "\n")
        let events = try log.map { try JSONReader(JSONValue(parsing: Array($0.utf8), source: "log"), source: "log") }
        #expect(try events.first?["event"].string() == "start" && events.last?["event"].string() == "end")
        #expect(try events.filter { try $0["event"].string() == "step" }.count == LongRun.steps / 5)
    }

    @Test("the stored options make the same run again")
    func storedOptions() async throws {
        let scene = try Scene()
        try await scene.trained("--epochs", "3", "--rank", "4", "--no-shuffle", "--weight-decay", "0.01")
        let again = try await Peft.run([
            "train", "--config", scene.path("adapter/run.json"), "--output", scene.path("again"),
        ])
        #expect(again.status == 0, "\(again.errors)")
        for name in ["adapter_model.safetensors", "history.json", "peftkit.json"] {
            #expect(try scene.bytes("adapter/\(name)") == scene.bytes("again/\(name)"), "\(name)")
        }
    }
}
