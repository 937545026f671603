import PEFTFormats
import Testing

@Suite("Training says which labels it found")
struct LabelReportTests {
    private func csv(_ labels: [String]) -> String {
        "text,label\n" + labels.enumerated().map { "a good film \($0.offset),\($0.element)\n" }.joined()
    }

    @Test("how many texts there are of each")
    func counts() async throws {
        let scene = try Scene()
        let outcome = try await scene.train("--max-steps", "1")
        #expect(
            outcome.errors.contains("train.jsonl: 8 texts, 2 labels: negative 4, positive 4\n"),
            "\(outcome.errors)"
        )
        #expect(!outcome.errors.contains("warning"))
    }

    @Test("labels that differ in case or spaces, and a column that can be none of labels, are warned of")
    func suspicious() async throws {
        let scene = try Scene()
        try scene.write(csv(["keep", "Keep", " keep", "return", "keep", "return", "keep", "keep"]), to: "alike.csv")
        let alike = try await scene.train("--max-steps", "1", from: "alike.csv")
        #expect(alike.errors.contains("the labels ' keep' and 'Keep' and 'keep' of"), "\(alike.errors)")
        #expect(alike.errors.contains("differ in case or spaces alone"))
        try scene.write(csv((0..<9).map { "gadget \($0)" }), to: "many.csv")
        let many = try await scene.train("--max-steps", "1", output: "many", from: "many.csv")
        #expect(many.errors.contains("is --label-column the column of the labels?"), "\(many.errors)")
    }

    @Test("texts to measure on that all have the same label are warned of")
    func oneLabel() async throws {
        let scene = try Scene()
        try scene.write(csv(["positive", "positive"]), to: "held-out.csv")
        let outcome = try await scene.train("--max-steps", "1", "--validation", scene.path("held-out.csv"))
        #expect(
            outcome.errors.contains("have the label 'positive': an evaluation on them says little"),
            "\(outcome.errors)"
        )
    }

    @Test("a share of the texts is kept apart and evaluated on, the same for each seed")
    func split() async throws {
        let scene = try Scene()
        let outcome = try await scene.train("--validation-split", "0.25", "--json")
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("6 texts, 2 labels: negative 3, positive 3\n"), "\(outcome.errors)")
        #expect(outcome.errors.contains("2 texts, 2 labels: negative 1, positive 1\n"), "\(outcome.errors)")
        #expect(try outcome.json()["epochs"].elements().allSatisfy { try $0["validation"]["accuracy"].double() >= 0 })
        let again = try await scene.train("--validation-split", "0.25", "--json", output: "again")
        let losses = try [outcome, again].map { try $0.json()["losses"].elements().map { try $0.double() } }
        #expect(losses[0] == losses[1] && losses[0].count == 1)
    }

    @Test(
        "shares that are none",
        arguments: [
            (["--validation-split", "0"], "between 0 and 1"), (["--validation-split", "1.5"], "between 0 and 1"),
            (["--validation-split", "0.5", "--validation", "test.jsonl"], "give one"),
        ]
    )
    func usage(options: [String], part: String) async throws {
        let scene = try Scene()
        let outcome = try await Peft.run(scene.arguments(output: "adapter") + options)
        #expect(outcome.status == 64 && outcome.errors.contains(part), "\(outcome.errors)")
    }
}
