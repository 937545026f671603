import Foundation
import PEFTFormats
import Testing

@Suite("Adapters that rows choose")
struct RoutingTests {
    private static let rows: [(text: String, adapter: String?)] = [
        ("a good film", "films"), ("bad", nil), ("warm story", "kinds"), ("dull plot", "__base__"),
        ("long", "films"), ("", "kinds"), ("good cast", ""),
    ]

    /// A scene with a LoRA of the checkpoint's classes and a prefix of two of its own.
    private func scene() async throws -> Scene {
        let scene = try Scene()
        try await scene.trained(output: "films")
        let kinds = Scene.reviews.replacingOccurrences(of: "\"positive\"", with: "\"warm\"")
            .replacingOccurrences(of: "\"negative\"", with: "\"cold\"")
        try scene.write(kinds, to: "kinds.jsonl")
        try await scene.trained("--method", "prefix", "--virtual-tokens", "2", output: "kinds", from: "kinds.jsonl")
        let lines = Self.rows.map { row in
            var object: JSONObject = ["text": .string(row.text)]
            if let adapter = row.adapter { object["adapter"] = .string(adapter) }
            return JSONValue.object(object).text(.compact) + "\n"
        }
        try scene.write(lines.joined(), to: "mixed.jsonl")
        let fields = Self.rows.map { "\($0.adapter ?? ""),\($0.text)\n" }
        try scene.write("who,text\n" + fields.joined(), to: "mixed.csv")
        return scene
    }

    private func adapters(_ scene: Scene) -> [String] {
        ["--adapter", "films=\(scene.path("films"))", "--adapter", "kinds=\(scene.path("kinds"))"]
    }

    private func predict(_ scene: Scene, _ options: [String]) async throws -> Peft.Outcome {
        try await Peft.run(["predict", "--model", scene.path("model"), "--threads", "1"] + options)
    }

    @Test("predict answers in the order of the rows, each as with its adapter alone, and says which it was")
    func predictions() async throws {
        let scene = try await scene()
        let together = try await predict(scene, adapters(scene) + ["--input", scene.path("mixed.jsonl")])
        try #require(together.status == 0, "\(together.errors)")
        let answers = try together.jsonLines()
        #expect(answers.count == Self.rows.count)
        for (row, answer) in zip(Self.rows, answers) {
            let name = row.adapter.flatMap { ["", "__base__"].contains($0) ? nil : $0 }
            #expect(try answer["adapter"].ifPresent?.string() == name)
            let options = name.map { ["--adapter", scene.path($0)] } ?? []
            let alone = try await predict(scene, options + ["--text", row.text]).json()
            #expect(try answer["label"].string() == alone["label"].string())
            let logits = try answer["logits"].elements().map { try $0.double() }
            let expected = try alone["logits"].elements().map { try $0.double() }
            #expect(logits.count == (name == "kinds" ? 2 : 3))
            #expect(logits.count == expected.count)
            for (a, b) in zip(logits, expected) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
        }
    }

    @Test("--adapter-column names the column, and --output takes the answers")
    func column() async throws {
        let scene = try await scene()
        let lines = try await predict(scene, adapters(scene) + ["--input", scene.path("mixed.jsonl")])
        let options = [
            "--input", scene.path("mixed.csv"), "--adapter-column", "who", "--output", scene.path("out.jsonl"),
        ]
        let file = try await predict(scene, adapters(scene) + options)
        #expect(file.status == 0 && file.output.isEmpty)
        #expect(String(decoding: try scene.bytes("out.jsonl"), as: UTF8.self) == lines.output)
    }

    @Test("evaluate gives the metrics of each adapter on its rows, those it has alone")
    func evaluation() async throws {
        let scene = try await scene()
        var all = ""
        for (file, name) in [("train.jsonl", "films"), ("kinds.jsonl", "kinds")] {
            let lines = String(decoding: try scene.bytes(file), as: UTF8.self)
            all += lines.replacingOccurrences(of: "}\n", with: ", \"adapter\": \"\(name)\"}\n")
        }
        try scene.write(all, to: "labelled.jsonl")
        let arguments = ["evaluate", "--model", scene.path("model"), "--data", scene.path("labelled.jsonl")]
        let evaluation = try await Peft.run(arguments + adapters(scene) + ["--json"])
        try #require(evaluation.status == 0, "\(evaluation.errors)")
        let json = try evaluation.json()
        #expect(try json["count"].int() == 16)
        let parts = try json["adapters"].elements()
        #expect(try parts.map { try $0["adapter"].string() } == ["films", "kinds"])
        for (part, data) in zip(parts, ["train.jsonl", "kinds.jsonl"]) {
            let name = try part["adapter"].string()
            let alone = try await scene.evaluate(
                "--adapter",
                scene.path(name),
                "--data",
                scene.path(data),
                "--json"
            ).json()
            #expect(try part["labels"].strings() == alone["labels"].strings())
            #expect(try part["confusion"].value == alone["confusion"].value)
            #expect(try abs(part["loss"].double() - alone["loss"].double()) < 1e-5)
        }
        let readable = try await Peft.run(arguments + adapters(scene))
        #expect(readable.output.hasPrefix("adapter films\naccuracy "))
        #expect(readable.lines.last?.hasPrefix("together: accuracy ") == true)
    }

    @Test("an unknown name is an error with its line and the names there are")
    func unknownName() async throws {
        let scene = try await scene()
        let file = try scene.write(
            "{\"text\": \"a\", \"adapter\": \"films\"}\n{\"text\": \"b\", \"adapter\": \"film\"}\n",
            to: "x.jsonl"
        )
        let outcome = try await predict(scene, adapters(scene) + ["--input", file])
        outcome.expectRefusal("\(file):2: unknown adapter 'film'; the known adapters are 'films', 'kinds'")
    }

    @Test("a row without an adapter needs a base with a classifier")
    func headlessBase() async throws {
        let scene = try Scene(checkpoint: "masked-lm")
        try await scene.trained()
        let file = try scene.write("{\"text\": \"a\", \"adapter\": \"own\"}\n{\"text\": \"b\"}\n", to: "x.jsonl")
        let options = ["--adapter", "own=\(scene.path("adapter"))", "--input", file]
        try await predict(scene, options)
            .expectRefusal("\(file):2: there is no adapter, and the base has no classifier of its own")
    }

    @Test("a file without columns cannot name adapters")
    func plainTexts() async throws {
        let scene = try await scene()
        let file = try scene.write("good\n", to: "x.txt")
        let outcome = try await predict(scene, adapters(scene) + ["--input", file])
        outcome.expectRefusal(file, "the names of adapters are a column")
    }
}
