import Foundation
import PEFTFormats
import PEFTReports
import PEFTTraining
import TestSupport
import Testing

@Suite("Comparing runs")
struct RunComparisonTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func records(_ names: [String], _ change: (Int, inout RunDraft) -> Void = { _, _ in }) throws -> [RunRecord]
    {
        try names.enumerated().map { index, name in
            var draft = RunDraft()
            change(index, &draft)
            return try RunRecord(folder: draft.write(to: folder, name))
        }
    }

    @Test("only what differs is listed, then the results")
    func differences() throws {
        let comparison = RunComparison(
            try records(["four", "eight"]) { index, draft in
                draft.description = [
                    "version": 1, "product": "PEFTKit 0.3.0",
                    "model": ["name": "tiny-bert", "parameters": 12345, "trainable": 678],
                    "method": ["name": "lora", "settings": ["rank": index == 0 ? 4 : 8, "alpha": 16]],
                    "labels": ["neg"], "data": ["train": ["path": "t", "rows": 1]],
                    "options": index == 0 ? ["epochs": 2, "seed": 7] : ["epochs": 2], "parameters": [],
                ]
            }
        )
        let lines = comparison.text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "                 four                   eight")
        #expect(lines[1] == "rank             4                      8")
        #expect(lines[2] == "seed             7                      –")
        #expect(lines[3] == "end              finished               finished")
        #expect(
            lines[4...].map { $0.split(separator: "  ").first } == [
                "steps", "training loss", "validation loss", "accuracy", "best",
            ]
        )
        let json = try JSONReader(comparison.json, source: "comparison").elements()
        #expect(try json[1]["settings"]["rank"].int() == 8)
        #expect(try json[1]["settings"]["seed"].value == .null && json[0]["settings"].members().count == 2)
        #expect(try json[0]["results"]["validation loss"].double() == 0.4)
        #expect(comparison.html.contains("Settings that differ") && !comparison.html.contains(">alpha<"))
    }

    @Test("equal runs have no differences, and their folders tell them apart")
    func names() throws {
        let comparison = RunComparison(try records(["a/adapter", "b/adapter"]))
        #expect(comparison.names == ["a/adapter", "b/adapter"])
        #expect(comparison.html.contains("The runs&#39; settings are the same."))
        let record = comparison.records[0]
        #expect(RunComparison([record, record]).names == ["adapter", "adapter (2)"])
    }

    @Test("every run has its line, its mark and its name at the end of it")
    func lines() throws {
        let html = RunComparison(try records((0..<30).map { "run-\($0)" })).html
        for index in 0..<8 { #expect(html.contains("<g class=\"run run-\(index)\"><title>")) }
        #expect(html.contains(">B run-1</text>") && html.contains(">D2 run-29</text>"))
        #expect(!html.contains("http:") && !html.contains("https:") && !html.contains("<script"))
    }

    @Test("what is printed holds no control characters")
    func terminal() throws {
        let comparison = RunComparison(
            try records(["a\u{1B}[2J", "b"]) { index, draft in
                draft.best = ["step": 3, "metric": "x\u{1B}[31m\ny", "value": JSONValue(Double(index))]
            }
        )
        #expect(!comparison.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(comparison.text.contains("x[U+001B][31m y 1.0000 at step 3"))
        #expect(!comparison.html.contains("\u{1B}"))
    }
}
