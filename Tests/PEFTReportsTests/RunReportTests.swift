import Foundation
import PEFTFormats
import PEFTReports
import PEFTTraining
import TestSupport
import Testing

@Suite("The report")
struct RunReportTests {
    /// Everything that could break a page: tags, quotes, control characters, and text that runs the other way.
    private static let hostile = "<script>alert(\"1\")</script> & 'x' \u{0}\u{1B}[31m \u{202E}דיוק http"

    private func hostileDraft() -> RunDraft {
        let text = JSONValue.string(Self.hostile)
        var draft = RunDraft()
        draft.description = [
            "version": 1, "product": text,
            "model": ["name": text, "fingerprint": text, "parameters": 2, "trainable": 1],
            "method": ["name": text, "settings": .object(JSONObject([(Self.hostile, text)]))],
            "labels": [text, "pos"],
            "data": ["train": ["path": text, "rows": 1, "digest": text], "validation": ["path": text, "rows": 1]],
            "options": .object(JSONObject([(Self.hostile, text)])),
            "parameters": [["module": text, "trainable": 1, "total": 2]],
        ]
        let metrics = JSONValue.object(JSONObject([(Self.hostile, JSONValue(0.5))]))
        draft.evaluations = [["step": 3, "epoch": 1.0, "loss": 0.5, "metrics": metrics]]
        draft.best = ["step": 3, "metric": text, "value": 0.5]
        draft.evaluation = [
            "version": 1, "step": 3, "loss": 0.5, "metrics": metrics, "labels": [text, "pos"],
            "confusion": [[1, 2], [3, 4]],
            "mistakes": [["text": text, "location": text, "label": text, "predicted": text, "probability": 0.9]],
        ]
        return draft
    }

    @Test("nothing of the data is taken for markup")
    func escaping() throws {
        let html = RunReport(try hostileDraft().record()).html
        #expect(!html.contains("<script"))
        #expect(!html.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(!html.contains("\u{202E}") && html.contains("[U+202E]"))
        let escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; [U+0000][U+001B][31m"
        // Model, method, settings, labels, data, metric, module and mistakes each show it.
        #expect(html.components(separatedBy: escaped).count > 25)
        #expect(html.components(separatedBy: "<bdi>\(escaped)").count > 15)
    }

    @Test("tags are balanced and attributes quoted, whatever the data are")
    func wellFormed() throws {
        for draft in [RunDraft(), hostileDraft()] {
            let html = RunReport(try draft.record()).html
            var open: [Substring] = []
            for match in html.matches(of: /<(\/?)([a-z0-9]+)((?: [a-zA-Z0-9:-]+="[^"<>]*")*)>/) where match.2 != "meta"
            {
                if match.1.isEmpty { open.append(match.2) } else { #expect(open.popLast() == match.2) }
            }
            #expect(open.isEmpty)
            // Whatever is left of tags that the pattern does not know would show as a bare "<".
            let rest = html.replacing(/<\/?[a-z0-9]+(?: [a-zA-Z0-9:-]+="[^"<>]*")*>/, with: "")
            #expect(!rest.replacing("<!DOCTYPE html>", with: "").contains("<"))
        }
    }

    @Test("the page loads nothing and says so")
    func standsAlone() throws {
        let html = RunReport(try RunDraft().record()).html
        for word in ["http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link"] {
            #expect(!html.contains(word), "\(word)")
        }
        #expect(html.contains("content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;;"))
    }

    @Test("charts, tables and matrix say what they are")
    func accessibility() throws {
        let html = RunReport(try RunDraft().record()).html
        let count = { (text: String) in html.components(separatedBy: text).count - 1 }
        // Loss, learning rate, gradient norm, accuracy.
        #expect(count("role=\"img\"") == 4 && count("<desc ") == 4 && count("<table") == count("<caption"))
        #expect(html.contains("training loss of each step: from 0.6 at step 1 to 0.4 at step 3; lowest"))
        #expect(html.contains("<td class=\"right\" style=\"--share:0.820\">41</td>"))
        for word in ["prefers-color-scheme: dark", "max-width: 40rem", "@media print"] { #expect(html.contains(word)) }
    }

    @Test("a hundred thousand steps make a small page")
    func long() throws {
        var draft = RunDraft()
        draft.steps = (1...100_000).map { RunDraft.step($0, loss: 1 + Double($0 * 7919 % 1000) / 1000) }
        draft.evaluations = []
        draft.best = .null
        draft.evaluation = nil
        #expect(RunReport(try draft.record()).html.utf8.count < 150_000)
    }

    @Test("gaps break the curve and are counted")
    func gaps() throws {
        var draft = RunDraft()
        draft.steps = (1...5).map { RunDraft.step($0, loss: $0 == 3 ? .nan : 1 / Double($0)) }
        let html = RunReport(try draft.record()).html
        #expect(html.contains("1 value is not a finite number"))
        let path = try #require(
            html.firstMatch(of: /<g class="solid"><title>training loss of each step<\/title><path d="([^"]*)"/)
        )
        #expect(path.1.count { $0 == "M" } == 2)
        #expect(!html.lowercased().contains("nan"))
    }

    @Test("no steps, one step, no evaluations, zero norms and empty matrices make pages")
    func corners() throws {
        var draft = RunDraft()
        draft.evaluations = []
        draft.best = .null
        draft.evaluation = nil
        draft.steps = [RunDraft.step(1, loss: 0.7, norm: 0)]
        let one = RunReport(try draft.record()).html
        #expect(one.contains("The run was not evaluated.") && one.contains("1 step in 0.5 epochs"))
        #expect(one.contains("<circle"), "a lone value is a dot")
        draft.steps = []
        #expect(RunReport(try draft.record()).html.contains("There are no values."))
        draft.steps = [RunDraft.step(1, loss: .nan, norm: .nan)]
        #expect(RunReport(try draft.record()).html.contains("There are no values."))
        draft.evaluation = [
            "version": 1, "step": 1, "loss": .null, "metrics": [:], "labels": ["a", "b"],
            "confusion": [[0, 0], [0, 0]],
        ]
        #expect(RunReport(try draft.record()).html.contains("--share:0.000"))
    }

    @Test("many labels stand upright in a matrix that scrolls")
    func manyLabels() throws {
        var draft = RunDraft()
        let labels = (0..<50).map { JSONValue.string("label \($0)") }
        draft.evaluation = [
            "version": 1, "step": 1, "loss": 0.1, "metrics": [:], "labels": .array(labels),
            "confusion": .array(labels.map { _ in .array(labels.map { _ in 1 }) }),
        ]
        let html = RunReport(try draft.record()).html
        #expect(html.contains("aria-label=\"Confusion matrix\"><table class=\"confusion many\">"))
        #expect(html.components(separatedBy: "--share:0.020").count == 2501)
    }

    @Test("the page is written into the run's folder, and is the same each time")
    func writing() throws {
        let folder = try TemporaryFolder()
        let run = try RunDraft().write(to: folder)
        let report = RunReport(try RunRecord(folder: run))
        let path = try report.write()
        #expect(path == run.appendingPathComponent("report.html").path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == report.html)
        #expect(try RunReport(RunRecord(folder: run)).html == report.html)
    }
}
