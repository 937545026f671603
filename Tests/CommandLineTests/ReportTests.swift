import Foundation
import PEFTFormats
import Testing

@Suite("Looking at runs")
struct ReportTests {
    /// Writes the files of a short run.
    private func writeRun(_ name: String, rank: Int, in scene: Scene) throws {
        let run = """
            {"version": 1, "product": "PEFTKit 0.3.0", "labels": ["neg", "pos"], "options": {"epochs": 1}, "parameters": [],
             "model": {"name": "bert", "fingerprint": "f", "parameters": 100, "trainable": 10},
             "method": {"name": "lora", "settings": {"rank": \(rank)}},
             "data": {"train": {"path": "t.jsonl", "rows": 16, "digest": "d"}, "validation": null}}
            """
        let history = """
            {"version": 1, "best": null, "stopped": "finished",
             "steps": [{"step": 1, "epoch": 1, "loss": 0.7, "learning_rate": 5e-4, "gradient_norm": 1, "tokens": 9,
                        "examples": 16}],
             "evaluations": [{"step": 1, "epoch": 1, "loss": 0.6, "metrics": {"accuracy": 0.5}}]}
            """
        try scene.write(run, to: "\(name)/run.json")
        try scene.write(history, to: "\(name)/history.json")
    }

    @Test("report writes the page and says where it is")
    func report() async throws {
        let scene = try Scene()
        try writeRun("run", rank: 8, in: scene)
        let outcome = try await Peft.run(["report", scene.path("run")])
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(outcome.output == "The report is in \(scene.path("run/report.html"))\n")
        let page = try scene.bytes("run/report.html")
        #expect(page.starts(with: "<!DOCTYPE html>".utf8))
        let again = try await Peft.run(["report", "run", "--json"], in: scene.root)
        #expect(try again.json()["output"].string().hasSuffix("run/report.html"))
        #expect(try scene.bytes("run/report.html") == page)
    }

    @Test("compare prints a table and writes the page")
    func compare() async throws {
        let scene = try Scene()
        try writeRun("four", rank: 4, in: scene)
        try writeRun("eight", rank: 8, in: scene)
        let outcome = try await Peft.run(["compare", "four", "eight"], in: scene.root)
        #expect(outcome.status == 0 && outcome.errors == "The page is in compare.html\n")
        #expect(outcome.lines.first?.split(separator: " ") == ["four", "eight"])
        #expect(outcome.lines.contains("rank             4         8"))
        #expect(try scene.bytes("compare.html").starts(with: "<!DOCTYPE html>".utf8))
        let json = try await Peft.run(
            ["compare", scene.path("four"), scene.path("eight"), "--output", scene.path("both.html"), "--json"]
        ).json()
        #expect(try json["output"].string() == scene.path("both.html") && scene.exists("both.html"))
        #expect(try json["runs"].elements().map { try $0["settings"]["rank"].int() } == [4, 8])
        #expect(try json["runs"].elements()[0]["results"]["accuracy"].double() == 0.5)
    }

    @Test("a folder that holds no run is refused, and nothing is written", arguments: ["report", "compare"])
    func noRun(command: String) async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            let others = [
                "model": "has no run.json, so it is no training run's folder", "absent": "there is no such folder",
            ]
            for (name, reason) in others {
                try await Peft.run([command, scene.path(name)], in: scene.root).expectRefusal(scene.path(name), reason)
            }
        }
    }

    @Test("a corrupt file is named", arguments: ["report", "compare"])
    func corrupt(command: String) async throws {
        let scene = try Scene()
        try writeRun("run", rank: 8, in: scene)
        try scene.write("{\"version\": 1, \"steps\": 3}", to: "run/history.json")
        try await scene.expectNothingWritten {
            try await Peft.run([command, scene.path("run")], in: scene.root)
                .expectRefusal("run/history.json: steps: expected an array, found 3")
        }
    }
}
